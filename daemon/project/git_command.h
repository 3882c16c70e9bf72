// Runs the program `git`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nopo {

// What `git arguments...` prints when it runs in `dir`. Blocks until it ends. Starts no shell, no
// pager, no editor and no file system monitor, and takes no locks.
//
// Errors:
//   NOT_FOUND            there is no program `git`
//   FAILED_PRECONDITION  it failed; the message is what it said
//   INTERNAL             it could not be started
absl::StatusOr<std::string> RunGit(const std::filesystem::path& dir,
                                   const std::vector<std::string>& arguments);

}  // namespace nopo
