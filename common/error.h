// Errors that carry, beside canonical code and message, what a program and a user can do with them.
//
// A Reason decides the exit code of the CLI and is what API clients switch on: it travels as
// google.rpc.ErrorInfo{reason, domain "nopo"}. Hints are further lines of advice for the user. Both
// ride in payloads of absl::Status, so functions in between need not know of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/exit_code.h"

namespace nopo {

enum class Reason {
  kUnspecified,
  kTaskFailed,         // A command of the project returned non-zero.
  kUnknownCommand,     // No such command, or a named target lacks it.
  kBadArguments,       // Unknown target, malformed option or filter.
  kConfiguration,      // nopo.yml, .env or Compose file; cycle; no project.
  kEngineUnavailable,  // No engine, or it went away.
  kEngineFailed,       // The engine refused or failed.
  kBuildFailed,
  kServiceFailed,  // A service exited, or did not turn healthy.
  kPortTaken,
  kNetwork,  // Registry or network.
  kPermission,
  kInterrupted,
  kVersionMismatch,  // CLI and daemon differ; the daemon is about to be replaced.
};

// "CONFIGURATION": the ErrorInfo.reason on the wire.
absl::string_view ReasonName(Reason reason);
// kUnspecified for an unknown name.
Reason ReasonFromName(absl::string_view name);

// A status with `reason` attached.
absl::Status MakeError(absl::StatusCode code, Reason reason, absl::string_view message,
                       const std::vector<std::string>& hints = {});

// `status` with `reason` attached unless it has one already; OK stays OK.
absl::Status WithReason(absl::Status status, Reason reason);
// `status` with one more line of advice; OK stays OK.
absl::Status WithHint(absl::Status status, absl::string_view hint);
// `status` with `prefix` put before its message; payloads are kept. OK stays OK.
absl::Status WithPrefix(const absl::Status& status, absl::string_view prefix);
// `status` with the exit code that a failed command gave; see ExitCodeOf.
absl::Status WithTaskExitCode(absl::Status status, int exit_code);

// What MakeError attached; where nothing was attached, derived from the canonical code.
Reason ReasonOf(const absl::Status& status);
std::vector<std::string> HintsOf(const absl::Status& status);
std::optional<int> TaskExitCodeOf(const absl::Status& status);

// The CLI's exit code for `status`: a single failed task's own code, else its reason's.
int ExitCodeOf(const absl::Status& status);

}  // namespace nopo
