#include "daemon/buildkit/synced_directory.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// FNV-1a.
uint64_t HashOf(const std::string& text, uint64_t hash = 0xcbf29ce484222325) {
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  return hash;
}

// A time between 1970 and 2043 that only equal texts share, in nanoseconds.
int64_t TimeFromText(const std::string& text) { return static_cast<int64_t>(HashOf(text) >> 3); }

std::string VersionOf(const std::map<std::string, std::string>& files) {
  std::string version;
  for (const auto& [name, text] : files) {
    absl::StrAppend(&version, absl::Hex(HashOf(text, HashOf(name)), absl::kZeroPad16));
  }
  return version;
}

}  // namespace

absl::StatusOr<PathFilter> FilterOf(const SyncRequest& request,
                                    const std::vector<std::string>& followed) {
  std::vector<std::string> include = request.include;
  const bool follows_everything = !request.follow_paths.empty() && followed.empty();
  if (follows_everything) {
    include.clear();
  } else {
    include.insert(include.end(), followed.begin(), followed.end());
  }
  return PathFilter::Create(include, request.exclude);
}

MemoryDirectory::MemoryDirectory(std::map<std::string, std::string> files)
    : SyncedDirectory(VersionOf(files)), files_(std::move(files)) {}

absl::Status MemoryDirectory::Walk(const SyncRequest& request, EntrySink sink) const {
  NOPO_ASSIGN_OR_RETURN(const PathFilter filter, FilterOf(request, request.follow_paths));
  for (const auto& [name, text] : files_) {
    if (!filter.Selects(name)) continue;
    NOPO_RETURN_IF_ERROR(sink(FileStat{.path = name,
                                       .mode = 0644,
                                       .size = static_cast<int64_t>(text.size()),
                                       .modified_ns = TimeFromText(text)}));
  }
  return absl::OkStatus();
}

absl::Status MemoryDirectory::Read(const std::string& path, size_t limit, std::string& buffer,
                                   absl::FunctionRef<bool()> sink) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return absl::OkStatus();
  for (size_t at = 0; at < file->second.size(); at += buffer.size()) {
    buffer.assign(file->second, at, limit);
    if (!sink()) break;
  }
  return absl::OkStatus();
}

}  // namespace nopo
