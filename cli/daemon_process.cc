#include "cli/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/companion_program.h"
#include "common/error.h"
#include "common/pipe.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr int kReadyFd = 3;   // In the daemon.
constexpr int kParentFd = 4;  // In the daemon.
constexpr absl::Duration kLockPause = absl::Milliseconds(10);

// Strings of an environment and the array that execve wants of them.
class EnvironmentBlock {
 public:
  explicit EnvironmentBlock(const std::vector<std::pair<std::string, std::string>>& variables) {
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
      const bool is_replaced =
          std::any_of(variables.begin(), variables.end(), [&](const auto& variable) {
            return absl::StartsWith(*entry, absl::StrCat(variable.first, "="));
          });
      if (!is_replaced) strings_.emplace_back(*entry);
    }
    for (const auto& [name, value] : variables) strings_.push_back(absl::StrCat(name, "=", value));
    for (std::string& text : strings_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

void CloseFrom(int first) {
#if defined(__linux__)
  if (::close_range(static_cast<unsigned>(first), ~0U, 0) == 0) return;
#endif
  const int limit = static_cast<int>(std::min<long>(::sysconf(_SC_OPEN_MAX), 65536));
  for (int fd = first; fd < limit; ++fd) ::close(fd);
}

// Runs between fork and exec, so it may only call what is safe in a signal handler. Pipes' ends are
// out of the way of the numbers that they get here.
[[noreturn]] void BecomeDaemon(const char* program, char* const* environment, int ready,
                               int parent) {
  ::setsid();
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool moved = ::chdir("/") == 0;
  const int null_device = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null_device, fd);
  ::dup2(ready, kReadyFd);
  if (parent >= 0) ::dup2(parent, kParentFd);
  CloseFrom(parent >= 0 ? kParentFd + 1 : kReadyFd + 1);
  char* const arguments[] = {const_cast<char*>(program), nullptr};
  if (moved) ::execve(program, arguments, environment);
  constexpr char kFailure[] = "it cannot be executed";
  (void)!::write(kReadyFd, kFailure, sizeof(kFailure) - 1);
  ::_exit(1);
}

}  // namespace

absl::StatusOr<std::filesystem::path> FindDaemonProgram(const EnvironmentReader& environment) {
  if (const std::string named = environment("NOPO_DAEMON"); !named.empty()) {
    if (IsProgram(named)) return std::filesystem::absolute(named);
    return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                     absl::StrCat("NOPO_DAEMON is '", named, "', which is no program"));
  }
  absl::StatusOr<std::filesystem::path> found = FindCompanionProgram("nopod", environment);
  if (found.ok()) return found;
  return WithHint(found.status(), "install it there, or set NOPO_DAEMON to its path");
}

absl::StatusOr<DaemonProcess> SpawnDaemon(
    const std::filesystem::path& program,
    const std::vector<std::pair<std::string, std::string>>& variables, bool is_private) {
  NOPO_ASSIGN_OR_RETURN(Pipe ready, MakePipe(ReadEnd::kBlocking));
  Pipe parent;
  auto all_variables = variables;
  all_variables.emplace_back("NOPO_READY_FD", absl::StrCat(kReadyFd));
  if (is_private) {
    NOPO_ASSIGN_OR_RETURN(parent, MakePipe(ReadEnd::kBlocking));
    all_variables.emplace_back("NOPO_PRIVATE", "1");
    all_variables.emplace_back("NOPO_PARENT_FD", absl::StrCat(kParentFd));
  }
  const EnvironmentBlock environment(all_variables);
  const std::string path = program.string();
  const pid_t pid = ::fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start nopod");
  if (pid == 0) {
    BecomeDaemon(path.c_str(), environment.data(), ready.write_end.get(), parent.read_end.get());
  }
  return DaemonProcess{pid, std::move(ready.read_end), std::move(parent.write_end)};
}

absl::StatusOr<Readiness> WaitUntilReady(const DaemonProcess& process, absl::Time deadline) {
  std::string text;
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0) return absl::DeadlineExceededError("the daemon (nopod) does not get ready");
    pollfd readable = {.fd = process.ready.get(), .events = POLLIN};
    if (::poll(&readable, 1, static_cast<int>(left)) <= 0) continue;
    char buffer[1024];
    const ssize_t count = ::read(process.ready.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) text.append(buffer, static_cast<size_t>(count));
    if (absl::StartsWith(text, "\n")) return Readiness::kListening;
    if (count <= 0) break;
  }
  if (text.empty()) return Readiness::kExited;
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrCat("the daemon (nopod) could not start: ",
                                absl::StripTrailingAsciiWhitespace(text)),
                   {"`nopo daemon logs` may tell more"});
}

absl::Status WaitUntilUnlocked(const std::filesystem::path& lock, absl::Duration timeout) {
  const UniqueFd file(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid()) return absl::OkStatus();
  const absl::Time deadline = absl::Now() + timeout;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the daemon (nopod) has not ended after ", absl::FormatDuration(timeout)));
    }
    absl::SleepFor(kLockPause);
  }
  return absl::OkStatus();
}

}  // namespace nopo
