#include "daemon/commands/child_process.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/pipe.h"
#include "common/status_macros.h"
#include "daemon/commands/exit_watch.h"
#include "daemon/commands/pseudo_terminal.h"
#include "daemon/commands/session_processes.h"

namespace nopo {
namespace {

constexpr int kReportFd = 3;  // In the child, up to exec.

enum class StartStep { kDirectory, kProgram };

// What a child that could not become its program tells its parent.
struct StartFailure {
  StartStep step;
  int error;
};

// All that the child needs, made before the fork: after it, in a process with threads, only
// async-signal-safe calls are allowed, which rules out allocation.
struct ExecRequest {
  std::vector<char*> arguments, environment;  // Null-terminated.
  const char* dir;
  mode_t umask;
  bool on_terminal;                               // Which is `stdin_fd`.
  int stdin_fd, stdout_fd, stderr_fd, report_fd;  // All above kReportFd.
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void ReportAndExit(StartStep step) {
  const StartFailure failure{step, errno};
  [[maybe_unused]] const ssize_t written = ::write(kReportFd, &failure, sizeof(failure));
  ::_exit(127);
}

[[noreturn]] void BecomeProgram(const ExecRequest& request) {
  if (request.on_terminal) {
    ::setsid();
    ::ioctl(request.stdin_fd, TIOCSCTTY, 0);
  } else {
    ::setpgid(0, 0);
  }
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(request.umask);
  ::dup2(request.stdin_fd, STDIN_FILENO);
  ::dup2(request.stdout_fd, STDOUT_FILENO);
  ::dup2(request.stderr_fd, STDERR_FILENO);
  ::dup2(request.report_fd, kReportFd);
  ::fcntl(kReportFd, F_SETFD, FD_CLOEXEC);
  // nopod opens everything close-on-exec; its libraries may not. Where the call is missing (Linux
  // before 5.9) that has to do.
  ::close_range(kReportFd + 1, ~0U, 0);
  if (::chdir(request.dir) != 0) ReportAndExit(StartStep::kDirectory);
  ::execve(request.arguments.front(), request.arguments.data(), request.environment.data());
  ReportAndExit(StartStep::kProgram);
}

// fork() with all signals blocked, so that no handler of nopod's runs in the child.
pid_t ForkQuietly(const ExecRequest& request) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) BecomeProgram(request);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

absl::Status StartError(const ChildOptions& options, const StartFailure& failure) {
  if (failure.step == StartStep::kDirectory) {
    return MakeError(absl::StatusCode::kNotFound, Reason::kTaskFailed,
                     absl::StrCat("cannot enter its directory ", options.dir, ": ",
                                  std::strerror(failure.error)));
  }
  return MakeError(
      absl::StatusCode::kFailedPrecondition, Reason::kTaskFailed,
      absl::StrCat("cannot start ", options.arguments.front(), ": ", std::strerror(failure.error)));
}

// Blocks until the child has become its program (true) or has said why it could not.
bool BecameProgram(int report_fd, StartFailure& failure) {
  ::fcntl(report_fd, F_SETFL, 0);
  ssize_t size;
  do {
    size = ::read(report_fd, &failure, sizeof(failure));
  } while (size < 0 && errno == EINTR);
  return size != sizeof(failure);
}

absl::StatusOr<int> Collect(pid_t pid) {
  int status = 0;
  pid_t waited;
  do {
    waited = ::waitpid(pid, &status, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited < 0) return absl::ErrnoToStatus(errno, "cannot wait for a process");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const ChildOptions& options) {
  ChildProcess child;
  const bool on_terminal = options.terminal.has_value();
  NOPO_ASSIGN_OR_RETURN(const Streams streams,
                        on_terminal ? child.OpenTerminal(*options.terminal) : child.OpenPipes());
  NOPO_ASSIGN_OR_RETURN(Pipe report, MakePipe());
  const ExecRequest request{.arguments = Pointers(options.arguments),
                            .environment = Pointers(options.environment),
                            .dir = options.dir.c_str(),
                            .umask = options.umask,
                            .on_terminal = on_terminal,
                            .stdin_fd = streams.in.get(),
                            .stdout_fd = on_terminal ? streams.in.get() : streams.out.get(),
                            .stderr_fd = on_terminal ? streams.in.get() : streams.err.get(),
                            .report_fd = report.write_end.get()};
  child.pid_ = ForkQuietly(request);
  if (child.pid_ < 0) {
    const int error = errno;
    child.pid_ = 0;
    return StartError(options, {StartStep::kProgram, error});
  }
  report.write_end.Reset();
  StartFailure failure;
  if (!BecameProgram(report.read_end.get(), failure)) return StartError(options, failure);
  NOPO_ASSIGN_OR_RETURN(child.exit_, WatchExit(child.pid_));
  return child;
}

absl::StatusOr<ChildProcess::Streams> ChildProcess::OpenPipes() {
  NOPO_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  NOPO_ASSIGN_OR_RETURN(Pipe err, MakePipe());
  NOPO_ASSIGN_OR_RETURN(UniqueFd null, MoveUp(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))));
  stdout_ = std::move(out.read_end);
  stderr_ = std::move(err.read_end);
  return Streams{std::move(null), std::move(out.write_end), std::move(err.write_end)};
}

absl::StatusOr<ChildProcess::Streams> ChildProcess::OpenTerminal(TerminalSize size) {
  NOPO_ASSIGN_OR_RETURN(PseudoTerminal terminal, OpenPseudoTerminal(size));
  terminal_ = std::move(terminal.master);
  return Streams{.in = std::move(terminal.slave)};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      stdout_(std::move(other.stdout_)),
      stderr_(std::move(other.stderr_)),
      terminal_(std::move(other.terminal_)),
      exit_(std::move(other.exit_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  SignalAll(SIGKILL);
  Collect(pid_).IgnoreError();
}

void ChildProcess::SignalAll(int signal) const {
  if (!terminal_.valid()) {
    ::kill(-pid_, signal);
    return;
  }
  SignalSession(pid_, signal);
  if (signal == SIGTERM) HangUpThoseThatIgnore(pid_, SIGTERM);
  // A job that was stopped (Ctrl-Z) could not act on it.
  if (signal != SIGKILL) SignalSession(pid_, SIGCONT);
}

absl::StatusOr<int> ChildProcess::Wait() {
  // Not collected yet: the process's id, which is its group's and session's, cannot be given to
  // another.
  siginfo_t ended{};
  while (::waitid(P_PID, pid_, &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
  SignalAll(SIGKILL);
  return Collect(std::exchange(pid_, 0));
}

}  // namespace nopo
