#include "daemon/commands/session_processes.h"

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

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

// By the line "SigIgn:\t0000000000004000", whose lowest bit is signal 1.
bool Ignores(pid_t pid, int signal) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    absl::string_view mask = line;
    uint64_t ignored = 0;
    if (!absl::ConsumePrefix(&mask, "SigIgn:\t")) continue;
    return absl::SimpleHexAtoi(mask, &ignored) && (ignored >> (signal - 1) & 1) != 0;
  }
  return false;
}

}  // namespace

void HangUpThoseThatIgnore(pid_t session, int signal) {
  for (const pid_t pid : ProcessesOf(session)) {
    if (Ignores(pid, signal)) ::kill(pid, SIGHUP);
  }
}

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
