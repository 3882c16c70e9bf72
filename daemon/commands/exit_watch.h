// Knowing that a child process has ended without collecting it. Linux; other systems have a kqueue.
#pragma once

#include <sys/types.h>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace nopo {

// A descriptor that poll() calls readable once `pid`, a child not yet waited for, has ended.
//
// Errors: UNIMPLEMENTED on a kernel older than Linux 5.3.
absl::StatusOr<UniqueFd> WatchExit(pid_t pid);

}  // namespace nopo
