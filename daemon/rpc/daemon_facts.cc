#include "daemon/rpc/daemon_facts.h"

#include <unistd.h>

#include <fstream>

#include "absl/time/clock.h"

namespace nopo {
namespace {

// Resident memory, from the second field of /proc/self/statm (pages); 0 where there is none.
int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

DaemonFacts ReadDaemonFacts(const HandlerContext& context) {
  return {.version = NOPO_VERSION,
          .pid = ::getpid(),
          .uptime = absl::Now() - context.started_at,
          .projects = context.workspace.projects.size(),
          .rss_bytes = ResidentBytes(),
          // The call that asks is one of them.
          .operations = context.pool.running() - 1};
}

}  // namespace nopo
