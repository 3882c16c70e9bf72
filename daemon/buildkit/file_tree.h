// The state of a directory's files at one moment: what is there, not what is in it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {

// What lstat(2) says of an entry, and a link's text.
struct TreeEntry {
  std::string path;  // Relative, '/'-separated, any bytes; "" for a root that is no directory.
  std::string link;  // A symbolic link's text.
  uint32_t mode = 0;
  int list_error = 0;  // errno of a directory whose entries could not be listed.
  int64_t size = 0;    // Bytes; 0 for directories.
  int64_t modified_ns = 0, changed_ns = 0;  // Since 1970.
  uint64_t device = 0, inode = 0;
  uint64_t special_device = 0;  // Of a device file.
  uint32_t names = 1;           // Hard links.

  bool IsDirectory() const;
  bool IsRegular() const;
  // Whether `stat` is of the same file in the same state.
  bool IsStill(const struct stat& stat) const;
};

// The kernel stamps files with the time of its last tick, at most 10 ms ago.
inline constexpr absl::Duration kClockGranularity = absl::Milliseconds(20);

struct FileTree {
  std::filesystem::path root;
  // Each directory before what is in it, siblings sorted by bytes.
  std::vector<TreeEntry> entries;
  absl::Time read_at;  // When reading began.

  // False when something changed so shortly before `read_at` that a later edit could carry the same
  // time stamps: an equal tree then proves nothing.
  bool IsSettled() const;
  // The directories that could not be listed are an error: PERMISSION_DENIED naming the first.
  absl::Status CheckComplete() const;
};

// Told of each directory, relative to the root and "" for that itself, before it is listed.
using DirectoryObserver = absl::FunctionRef<void(const std::string& directory)>;

// Reads everything below `root` that `ignore` leaves, and the directories on the way to it. Links
// are not followed. An entry that goes away meanwhile is taken as never there. `root` may also be a
// single file.
//
// Errors: NOT_FOUND when there is no `root`; PERMISSION_DENIED when it cannot be looked at.
absl::StatusOr<FileTree> ReadFileTree(
    const std::filesystem::path& root, const IgnorePatterns& ignore, absl::Time now = absl::Now(),
    DirectoryObserver before_listing = [](const std::string&) {});

}  // namespace nopo
