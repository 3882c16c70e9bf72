// What the exit code of a task's process means.
#pragma once

#include "absl/status/status.h"

namespace nopo {

// OK for 0; else FAILED_PRECONDITION (TASK_FAILED) that carries the code (see TaskExitCodeOf), with
// a hint where the code says more. 128+N means that signal N ended the process.
absl::Status ExitStatus(int exit_code);

}  // namespace nopo
