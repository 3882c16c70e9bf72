// Who asks: what the daemon must know of this process.
#pragma once

#include "absl/status/status.h"
#include "cli/arguments.h"

namespace nopo {

namespace v1 {
class Caller;
class Execution;
class Selection;
}  // namespace v1

// The process's working directory, environment and umask, and the project that --project or
// ROOT_DIR names.
//
// Errors: NOT_FOUND when the working directory is gone.
absl::Status FillCaller(const Arguments& arguments, v1::Caller& caller);

// The targets of a command whose words are all targets.
void FillSelection(const Arguments& arguments, v1::Selection& selection);

void FillExecution(const Arguments& arguments, v1::Execution& execution);

}  // namespace nopo
