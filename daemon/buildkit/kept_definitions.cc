#include "daemon/buildkit/kept_definitions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
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

// Whether a FROM may stand for another image than the one that the engine has under its name: of
// another platform, or of a name that BuildKit makes of its own arguments (TARGETARCH).
bool NamesImagesByPlatform(const SolveOptions& options) {
  bool is_from = false;
  for (const absl::string_view line : absl::StrSplit(options.dockerfile_text, '\n')) {
    const std::string text = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(line));
    is_from = is_from || absl::StartsWith(text, "FROM");
    for (const char* word : {"--PLATFORM", "$TARGET", "${TARGET", "$BUILD", "${BUILD"}) {
      if (is_from && absl::StrContains(text, word)) return true;
    }
    is_from = is_from && absl::EndsWith(text, "\\");
  }
  return false;
}

}  // namespace

std::string DefinitionKey(const SolveOptions& options) {
  const bool looks_elsewhere = options.destination != ImageDestination::kEngine || options.pull ||
                               !options.platforms.empty() || !options.cache_from.empty() ||
                               !options.local_images.empty();
  if (!options.base_images.has_value() || !options.dockerignore_text.has_value() ||
      looks_elsewhere || options.no_cache || MayNameAFrontend(options) ||
      NamesImagesByPlatform(options)) {
    return "";
  }
  return Fingerprint()
      .Add(options.dockerfile_text)
      .Add(options.dockerfile_name)
      .Add(*options.dockerignore_text)
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
