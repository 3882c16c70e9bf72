// Which positional words of `nopo CMD [sub...] [targets...]` are the command and which are targets.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

struct CommandLine {
  std::string command;               // Path: "check:py". Some target has it.
  std::vector<std::string> targets;  // As typed, not looked up; empty when none were named.
};

// `words`: the positional words, without options and without what follows `--`.
//
// A word after the command is a sub-command if any target has it there; a word that is a target's
// name (or ".") as well only when more words follow. The first word may spell a path itself:
// "check:py". `other_names` are further names that a misspelt command may have meant: the
// built-ins.
//
// Errors:
//   NOT_FOUND (UNKNOWN_COMMAND)       no target has the command; names the nearest
//   INVALID_ARGUMENT (BAD_ARGUMENTS)  no words
absl::StatusOr<CommandLine> SplitCommandLine(const Project& project,
                                             const std::vector<std::string>& words,
                                             const std::vector<std::string>& other_names = {});

}  // namespace nopo
