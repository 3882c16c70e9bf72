#include "daemon/commands/exit_watch.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace nopo {

absl::StatusOr<UniqueFd> WatchExit(pid_t pid) {
  UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));  // Closed on exec by itself.
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "cannot watch a process (pidfd_open)");
  return fd;
}

}  // namespace nopo
