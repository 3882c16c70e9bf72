// What help says. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nopo {

namespace v1 {
class DescribeProjectResponse;
}
struct Verb;

// The built-ins, a line each.
std::string GeneralHelp();

// The project's commands as a tree, each with the targets that have it; "" when there are none.
std::string ProjectCommandsHelp(const v1::DescribeProjectResponse& project);

// A verb's usage and options.
std::string VerbHelp(const Verb& verb);

// Targets, sub-commands and options of the project's command that `words` name, targets among them
// left aside. `verb` is what it is run with.
//
// Errors: NOT_FOUND (UNKNOWN_COMMAND) naming the nearest command or built-in.
absl::StatusOr<std::string> CommandHelp(const Verb& verb, const std::vector<std::string>& words,
                                        const v1::DescribeProjectResponse& project);

}  // namespace nopo
