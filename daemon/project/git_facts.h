// What git knows of a project's changes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

// Files below `root`, relative to it, sorted, that differ from the merge base of HEAD and `since`:
// committed, staged, unstaged and untracked ones; ignored ones don't count. A file that was renamed
// counts at both places. Of a submodule or a repository inside, only its directory is named. An
// empty `since` is the default branch: origin/HEAD, origin/main, origin/master, main or master.
//
// Errors (BAD_ARGUMENTS): INVALID_ARGUMENT whenever git cannot tell, so that no answer is ever
// empty for want of knowledge: no git, no repository, no commit yet, an unknown `since`, no default
// branch, no merge base (a shallow clone), a project that git ignores.
absl::StatusOr<std::vector<std::string>> ChangedFiles(const std::filesystem::path& root,
                                                      const std::string& since,
                                                      const EnvironmentMap& environment);

}  // namespace nopo
