// The exit codes of `nopo` (docs: behaviour, section 3).
#pragma once

namespace nopo {

enum ExitCode : int {
  kExitOk = 0,
  kExitTaskFailed = 1,
  kExitUnknownCommand = 2,
  kExitBadArguments = 3,
  kExitConfiguration = 4,
  kExitEngine = 5,  // Engine, build or a service that does not start.
  kExitNetwork = 6,
  kExitPermission = 7,
  kExitInterrupted = 130,
};

}  // namespace nopo
