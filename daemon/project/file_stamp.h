// Tells without reading whether a file is still the one that was read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace nopo {

// What stat says of a file or directory (links followed), or why there is none to be seen.
struct FileStamp {
  std::filesystem::path path;
  bool exists = false;
  int error =
      0;  // Of stat, where it does not exist. The rest is then of the link that leads nowhere.
  bool is_directory = false;
  uint64_t device = 0, inode = 0, size = 0;
  int64_t mtime_ns = 0, ctime_ns = 0;
  uint32_t mode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
FileStamp StampOf(const std::filesystem::path& path);

// Whether what was learned at `read_at` from the files of `stamps`, which were taken before, still
// holds: none has changed, nor had one changed so shortly before it was read that a later edit
// could carry the same times.
bool AreCurrent(const std::vector<FileStamp>& stamps, absl::Time read_at);

// The first of `stamps` for which that does not hold; null when AreCurrent.
const FileStamp* FirstOutdated(const std::vector<FileStamp>& stamps, absl::Time read_at);
// "/shop/nopo.yml changed": why it counts as outdated.
std::string OutdatedText(const FileStamp& stamp);

}  // namespace nopo
