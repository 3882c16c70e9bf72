// Runs the program `git`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

// Where git runs, and for whom. Refers to the environment.
struct GitDirectory {
  std::filesystem::path path;
  // The caller's. GIT_* of it is left out: the repository is that of `path`.
  const EnvironmentMap& environment;
};

// What `git arguments...` prints when it runs in `dir`. Blocks until it ends. Starts no shell, no
// pager, no editor and no file system monitor, and takes no locks.
//
// Errors:
//   NOT_FOUND            there is no program `git`
//   FAILED_PRECONDITION  it failed; the message is what it said
//   INTERNAL             it could not be started
absl::StatusOr<std::string> RunGit(const GitDirectory& dir,
                                   const std::vector<std::string>& arguments);

}  // namespace nopo
