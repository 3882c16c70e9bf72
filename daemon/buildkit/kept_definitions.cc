#include "daemon/buildkit/kept_definitions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "buildkit/gateway.pb.h"
#include "common/fingerprint.h"

namespace nopo {
namespace {

// Together at most 16 MiB.
constexpr size_t kMostKept = 64;
constexpr size_t kLargest = 256 << 10;

// Whether another frontend may be asked for, an image that may change: in the Dockerfile's first
// lines or by an argument. More Dockerfiles than these have the word; they lose little.
bool MayNameAFrontend(const SolveOptions& options) {
  return options.build_args.contains("BUILDKIT_SYNTAX") ||
         absl::StrContains(absl::AsciiStrToLower(options.dockerfile_text), "syntax");
}

}  // namespace

std::string DefinitionKey(const SolveOptions& options) {
  const bool looks_elsewhere = options.destination != ImageDestination::kEngine || options.pull ||
                               !options.platforms.empty() || !options.cache_from.empty() ||
                               !options.local_images.empty();
  if (!options.base_images.has_value() || looks_elsewhere || options.no_cache ||
      MayNameAFrontend(options)) {
    return "";
  }
  return Fingerprint()
      .Add(options.dockerfile_text)
      .Add(options.dockerfile_name)
      .Add(options.dockerignore_text.value_or(""))
      .Add(options.target)
      .Add(options.build_args)
      .Add(options.labels)
      .Add(options.network_mode)
      .Add(*options.base_images)
      .Hex();
}

std::shared_ptr<const KeptDefinitions::Result> KeptDefinitions::Find(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = results_.find(key);
  return found == results_.end() ? nullptr : found->second;
}

void KeptDefinitions::Keep(const std::string& key, const Result& result) {
  if (result.ref().def().def().empty() || result.ByteSizeLong() > kLargest) return;
  auto kept = std::make_shared<const Result>(result);
  MutexLock lock(mutex_);
  results_[key] = std::move(kept);
  keys_.push_back(key);
  while (keys_.size() > kMostKept) {
    results_.erase(keys_.front());
    keys_.pop_front();
  }
}

void KeptDefinitions::Forget(const std::string& key) {
  MutexLock lock(mutex_);
  results_.erase(key);
}

void KeptDefinitions::Clear() {
  MutexLock lock(mutex_);
  results_.clear();
  keys_.clear();
}

}  // namespace nopo
