// Names the state of the files below a directory, without reading them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {

struct TreeFingerprint {
  std::string digest;
  int64_t entries = 0;  // Files, links and directories that count.
  // False when something changed so shortly before `now` that a later edit could carry the same
  // time stamps: an equal digest then proves nothing.
  bool settled = true;
};

// Of each entry below `root` that `ignore` leaves counts its path, kind and mode, of what is no
// directory also size, times to the nanosecond and inode, of a link its text. A directory's own
// times do not: they change with every entry, ignored ones too. `root` may also be a single file.
//
// `now` is when the walk starts. An entry that goes away during the walk is taken as never there.
//
// Errors: NOT_FOUND when there is no `root`; PERMISSION_DENIED naming a directory that may not be
// read.
absl::StatusOr<TreeFingerprint> FingerprintTree(const std::filesystem::path& root,
                                                const IgnorePatterns& ignore,
                                                absl::Time now = absl::Now());

}  // namespace nopo
