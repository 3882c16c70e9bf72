// Finds what a request for single paths of a directory needs beside them: the targets of symbolic
// links on the way.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nopo {

// Patterns that select `paths` and everything that links in them lead to, inside `root`; sorted.
// Paths may have wildcards. Absolute targets are taken from `root`, ".." stops there. Empty means
// no restriction, because `root` itself is among the targets. Names that do not exist stay in the
// list.
//
// Errors: those of reading a directory, except that it is missing.
absl::StatusOr<std::vector<std::string>> FollowPaths(const std::filesystem::path& root,
                                                     const std::vector<std::string>& paths);

}  // namespace nopo
