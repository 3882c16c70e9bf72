// Which targets a request means: names, `.`, filters and tags.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

struct TargetSelection {
  std::vector<std::string> names;    // As typed; "." = the target that contains working_dir.
  std::vector<std::string> filters;  // --filter expressions, each possibly comma-separated; AND.
  std::vector<std::string> tags;     // --tags; any of them.
  std::string since;                 // --since REF; "" = the default branch.
  std::filesystem::path working_dir;
  EnvironmentMap environment;  // The caller's, for git.

  // Narrowed by more than names.
  bool IsFiltered() const { return !filters.empty() || !tags.empty() || !since.empty(); }
};

// What a user hears who filters everything out, which is no error.
inline constexpr char kNoTargetMatches[] = "no target matches the filters";

// The selected targets, sorted by id; with no names all of them, the root only if it has commands.
// Explicit names are intersected with the filters.
//
// Errors (reason BAD_ARGUMENTS): INVALID_ARGUMENT or NOT_FOUND for an unknown target (with the
// nearest), a malformed filter, an unknown field.
absl::StatusOr<std::vector<const Target*>> SelectTargets(const Project& project,
                                                         const TargetSelection& selection);

}  // namespace nopo
