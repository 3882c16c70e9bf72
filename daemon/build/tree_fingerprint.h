// Names the state of the files below a directory, without reading them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/buildkit/file_tree.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {

// Of each entry of `tree` counts its path, kind and mode, of what is no directory also size, times
// to the nanosecond and inode, of a link its text. A directory's own times do not: they change with
// every entry, ignored ones too.
std::string TreeDigest(const FileTree& tree);

struct TreeFingerprint {
  std::string digest;
  int64_t entries = 0;  // Files, links and directories that count.
  bool settled = true;  // See FileTree::IsSettled.
};

// Of everything below `root` that `ignore` leaves; `root` may also be a single file. `now` is when
// reading starts.
//
// Errors: those of ReadFileTree; PERMISSION_DENIED naming a directory that may not be read.
absl::StatusOr<TreeFingerprint> FingerprintTree(const std::filesystem::path& root,
                                                const IgnorePatterns& ignore,
                                                absl::Time now = absl::Now());

}  // namespace nopo
