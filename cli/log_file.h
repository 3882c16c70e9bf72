// Reading the daemon's log, which it rotates.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "cli/progress/console.h"

namespace nopo {

// Writes the last `lines` lines of `file` to `sink`, all of them when negative.
//
// Errors: NOT_FOUND when there is no such file.
absl::Status PrintLogFile(const std::filesystem::path& file, int lines, const TextSink& sink);

// Writes what is added to `file` from now on, also once it has been replaced by a new file of the
// same name. Returns only on errors.
absl::Status FollowLogFile(const std::filesystem::path& file, const TextSink& sink);

}  // namespace nopo
