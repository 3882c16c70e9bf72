#include "daemon/commands/host_process.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cancellation_fd.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/commands/child_process.h"
#include "daemon/commands/exit_status.h"
#include "daemon/commands/output_tail.h"
#include "daemon/commands/pseudo_terminal.h"
#include "daemon/commands/terminal_relay.h"

namespace nopo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadSize = 64 << 10;  // A full pipe.
constexpr size_t kTailLines = 20;

std::string FindShell(const EnvironmentMap& env) {
  const auto path = env.find("PATH");
  if (path != env.end()) {
    for (const absl::string_view dir : absl::StrSplit(path->second, ':')) {
      const std::string shell = absl::StrCat(dir, "/sh");
      if (!dir.empty() && dir.front() == '/' && ::access(shell.c_str(), X_OK) == 0) return shell;
    }
  }
  return "/bin/sh";
}

ChildOptions OptionsOf(const HostCommand& command) {
  ChildOptions options{.arguments = {FindShell(command.env), "-c", command.run},
                       .dir = command.dir,
                       .umask = command.umask};
  for (const auto& [key, value] : command.env) {
    options.environment.push_back(absl::StrCat(key, "=", value));
  }
  if (command.terminal != nullptr) options.terminal = command.terminal->size();
  return options;
}

// Follows one running process: its output, its end and the wish to stop it.
class ProcessFollower {
 public:
  // `terminal` is the client's, if the process runs on one.
  ProcessFollower(const std::string& task, ChildProcess& child, ClientTerminal* terminal,
                  int cancel_fd, EventSink& events, absl::Duration grace);

  // Returns once the process has ended and its output is read.
  void Follow();
  bool stopped() const { return stopping_; }
  std::vector<std::string> LastLines() const { return tail_.Lines(); }

 private:
  struct Output {
    int fd;  // -1 once at its end.
    TaskOutput::Stream stream;
  };

  bool Done() const;
  bool IsSilent() const;    // Nobody can print any more.
  int PollTimeout() const;  // Milliseconds, -1 for none.
  void Stop();
  void KillIfOverdue();
  void Read(Output& output);
  // Reads what is in the pipe, and not what a survivor may go on to write for ever.
  void ReadRest(Output& output);

  const std::string& task_;
  ChildProcess& child_;
  ClientTerminal* const terminal_;
  int cancel_fd_;  // -1 once it has been seen.
  EventSink& events_;
  const absl::Duration grace_;
  std::array<Output, 2> outputs_ = {{{child_.stdout_fd(), TaskOutput::Stream::kStdout},
                                     {child_.stderr_fd(), TaskOutput::Stream::kStderr}}};
  std::optional<TerminalRelay> relay_;  // With a terminal, instead of `outputs_`.
  OutputTail tail_{kTailLines};
  std::string buffer_ = std::string(kReadSize, '\0');
  bool exited_ = false;
  bool stopping_ = false;
  bool killed_ = false;
  Clock::time_point kill_at_;  // While stopping.
};

ProcessFollower::ProcessFollower(const std::string& task, ChildProcess& child,
                                 ClientTerminal* terminal, int cancel_fd, EventSink& events,
                                 absl::Duration grace)
    : task_(task),
      child_(child),
      terminal_(terminal),
      cancel_fd_(cancel_fd),
      events_(events),
      grace_(grace) {
  if (terminal == nullptr) return;
  const int master = child.terminal_fd();
  const auto resize = [master](TerminalSize size) { ResizePseudoTerminal(master, size); };
  relay_.emplace(RelayedTask{.fd = master, .printed = ReportOutput(task, events), .resize = resize},
                 *terminal);
}

void ProcessFollower::Follow() {
  while (!Done()) {
    std::array<pollfd, 6> polled = {{{outputs_[0].fd, POLLIN, 0},
                                     {outputs_[1].fd, POLLIN, 0},
                                     {exited_ ? -1 : child_.exit_fd(), POLLIN, 0},
                                     {cancel_fd_, POLLIN, 0},
                                     {-1, 0, 0},
                                     {-1, 0, 0}}};
    if (relay_.has_value()) std::ranges::copy(relay_->ToPoll(), polled.begin() + 4);
    const int ready = ::poll(polled.data(), polled.size(), PollTimeout());
    KillIfOverdue();
    if (ready <= 0) continue;
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (polled[i].revents != 0) Read(outputs_[i]);
    }
    if (polled[2].revents != 0) exited_ = true;
    if (polled[3].revents != 0) Stop();
    if (relay_.has_value()) relay_->Serve({polled[4], polled[5]});
  }
  for (Output& output : outputs_) ReadRest(output);
  if (!relay_.has_value()) return;
  child_.SignalAll(SIGKILL);
  relay_->ReadRest();
}

bool ProcessFollower::Done() const { return exited_ && (!stopping_ || killed_ || IsSilent()); }

bool ProcessFollower::IsSilent() const {
  if (relay_.has_value()) return relay_->ended();
  return outputs_[0].fd < 0 && outputs_[1].fd < 0;
}

int ProcessFollower::PollTimeout() const {
  if (!stopping_ || killed_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(kill_at_ - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void ProcessFollower::Stop() {
  cancel_fd_ = -1;
  if (exited_) return;
  stopping_ = true;
  kill_at_ = Clock::now() + absl::ToChronoMilliseconds(grace_);
  child_.SignalAll(terminal_ != nullptr && terminal_->hung_up() ? SIGHUP : SIGTERM);
}

void ProcessFollower::KillIfOverdue() {
  if (!stopping_ || killed_ || Clock::now() < kill_at_) return;
  killed_ = true;
  child_.SignalAll(SIGKILL);
}

void ProcessFollower::Read(Output& output) {
  const ssize_t size = ::read(output.fd, buffer_.data(), buffer_.size());
  if (size > 0) {
    const absl::string_view data(buffer_.data(), static_cast<size_t>(size));
    tail_.Append(static_cast<int>(output.stream), data);
    events_.Report(TaskOutput{task_, output.stream, std::string(data)});
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    output.fd = -1;
  }
}

void ProcessFollower::ReadRest(Output& output) {
  int left = 0;
  if (output.fd < 0 || ::ioctl(output.fd, FIONREAD, &left) != 0) return;
  for (; left > 0 && output.fd >= 0; left -= static_cast<int>(buffer_.size())) Read(output);
}

absl::Status Run(const std::string& task, const HostCommand& command, EventSink& events,
                 const Cancellation& cancellation, absl::Duration grace,
                 std::vector<std::string>& last_lines) {
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  absl::StatusOr<ChildProcess> started = ChildProcess::Start(OptionsOf(command));
  if (absl::IsNotFound(started.status())) {
    return WithPrefix(started.status(), command.dir_key.Prefix());
  }
  NOPO_ASSIGN_OR_RETURN(ChildProcess child, std::move(started));
  NOPO_ASSIGN_OR_RETURN(const CancellationFd cancelled, CancellationFd::Watch(cancellation));
  if (command.terminal != nullptr) events.Report(TerminalAttached{task});
  ProcessFollower follower(task, child, command.terminal, cancelled.get(), events, grace);
  follower.Follow();
  NOPO_ASSIGN_OR_RETURN(const int exit_code, child.Wait());
  if (follower.stopped()) return absl::CancelledError("cancelled");
  if (exit_code != 0) last_lines = follower.LastLines();
  return ExitStatus(exit_code);
}

}  // namespace

TaskResult RunHostCommand(const std::string& task, const HostCommand& command, EventSink& events,
                          const Cancellation& cancellation, absl::Duration grace) {
  TaskResult result;
  result.status = Run(task, command, events, cancellation, grace, result.last_lines);
  if (!absl::IsCancelled(result.status)) {
    result.status = WithReason(std::move(result.status), Reason::kTaskFailed);
  }
  return result;
}

}  // namespace nopo
