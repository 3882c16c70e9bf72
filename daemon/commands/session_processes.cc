#include "daemon/commands/session_processes.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"

namespace nopo {
namespace {

// What is started while we look is found when we look again; this often is enough for anything but
// a program that forks for ever.
constexpr int kMaxRounds = 10;

std::set<pid_t> ProcessesOf(pid_t session) {
  std::set<pid_t> processes;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry->path().filename().string(), &pid)) continue;
    if (::getsid(pid) == session) processes.insert(pid);
  }
  return processes;
}

}  // namespace

void SignalSession(pid_t session, int signal) {
  std::set<pid_t> signalled;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool found_more = false;
    for (const pid_t pid : ProcessesOf(session)) {
      if (!signalled.insert(pid).second) continue;
      ::kill(pid, signal);
      found_more = true;
    }
    if (!found_more) return;
  }
}

}  // namespace nopo
