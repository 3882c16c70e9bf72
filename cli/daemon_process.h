// Starting nopod.
//
// The contract between the two programs: nopod takes the lock (RuntimePaths::lock) without waiting
// and, when another one holds it, exits 0 in silence. On the descriptor that NOPO_READY_FD names it
// writes one "\n" when it listens, or a text for the user, and closes it. A private daemon
// (NOPO_PRIVATE=1) ends when the descriptor that NOPO_PARENT_FD names reports its end, and
// removes its socket's folder.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/runtime_paths.h"
#include "common/unique_fd.h"

namespace nopo {

// Looks at $NOPO_DAEMON, beside this executable, in ../libexec/nopo, then on PATH.
//
// Errors: NOT_FOUND telling where it was looked for.
absl::StatusOr<std::filesystem::path> FindDaemonProgram(const EnvironmentReader& environment);

struct DaemonProcess {
  pid_t pid = -1;
  UniqueFd ready;   // The reading end of NOPO_READY_FD.
  UniqueFd parent;  // Private daemons: closing it ends the daemon.
};

// Starts `program` in a session of its own, with / as working directory, /dev/null as its three
// streams, this process's environment and `variables` on top of it. `is_private` also connects
// `parent`.
absl::StatusOr<DaemonProcess> SpawnDaemon(
    const std::filesystem::path& program,
    const std::vector<std::pair<std::string, std::string>>& variables, bool is_private);

enum class Readiness {
  kListening,
  kExited,  // Another daemon has the lock, or this one died without a word.
};

// Blocks until `process` listens or is gone.
//
// Errors: FAILED_PRECONDITION with the daemon's own words; DEADLINE_EXCEEDED after `deadline`.
absl::StatusOr<Readiness> WaitUntilReady(const DaemonProcess& process, absl::Time deadline);

// Blocks until no daemon holds `lock`.
//
// Errors: DEADLINE_EXCEEDED after `timeout`.
absl::Status WaitUntilUnlocked(const std::filesystem::path& lock, absl::Duration timeout);

}  // namespace nopo
