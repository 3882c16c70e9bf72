#include "daemon/commands/exit_status.h"

#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {
namespace {

constexpr int kNotExecutable = 126;  // POSIX shells: found, but cannot be run.
constexpr int kNotFound = 127;       // POSIX shells: no such program.
constexpr int kSignalled = 128;

}  // namespace

absl::Status ExitStatus(int exit_code) {
  if (exit_code == 0) return absl::OkStatus();
  std::string message = absl::StrCat("exited with code ", exit_code);
  const int signal = exit_code - kSignalled;
  if (signal > 0 && signal < NSIG) {
    absl::StrAppend(&message, " (signal ", signal, ", ", ::strsignal(signal), ")");
  }
  absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition, Reason::kTaskFailed, message);
  if (exit_code == kNotFound) {
    status = WithHint(status, "127 means that a program of its command line was not found");
  } else if (exit_code == kNotExecutable) {
    status = WithHint(status, "126 means that a program was found but may not be executed");
  }
  return WithTaskExitCode(status, exit_code);
}

}  // namespace nopo
