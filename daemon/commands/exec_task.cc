#include "daemon/commands/exec_task.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/cancellation_fd.h"
#include "common/error.h"
#include "common/random_hex.h"
#include "common/status_macros.h"
#include "daemon/commands/exit_status.h"
#include "daemon/commands/terminal_relay.h"

namespace nopo {
namespace {

using Clock = std::chrono::steady_clock;

// Signals every process whose environment has the mark "$1". Shells drop the zeros between
// variables, and built-ins are all that it takes. All are stopped first: else a shell could go on
// with its next command while the one that it waited for has ended and its own signal is to come.
constexpr char kSignalScript[] = R"(
for process in /proc/[0-9]*; do
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"$1"*) found="$found ${process#/proc/}"; break ;; esac
  done <"$process/environ"
done 2>/dev/null
kill -STOP $found
kill -"$2" $found
kill -CONT $found)";

std::string NewMark() { return absl::StrCat(kExecMark, "=", RandomHex(16)); }

// The engine's words on a program that it could not start, without those of its parts on each
// other.
std::string InPlainWords(absl::string_view words) {
  words = absl::StripAsciiWhitespace(words);
  for (const char* part :
       {"OCI runtime exec failed: ", "exec failed: ", "unable to start container process: "}) {
    words = absl::StripPrefix(words, part);
  }
  return std::string(absl::StripSuffix(words, ": unknown"));
}

// One command from its start to its end.
class ExecRun {
 public:
  ExecRun(DockerEngine& docker, const std::string& task, const ExecTask& exec, EventSink& events,
          const Cancellation& cancellation, const ExecGrace& grace)
      : docker_(docker),
        task_(task),
        exec_(exec),
        events_(events),
        cancellation_(cancellation),
        grace_(grace),
        mark_(NewMark()),
        output_(ReportOutput(task, events)) {}

  absl::Status RunAttached();
  absl::Status RunDetached();

 private:
  absl::Status Create(const ExecSpec& spec);
  // Carries bytes until the command's side is at its end, or it has been given up.
  absl::Status Follow(ExecStreams& streams, int cancel_fd);
  void Report(ContainerStream stream, absl::string_view data);
  void Resize(TerminalSize size);
  int PollTimeout() const;
  // Asks the command to end.
  void Stop(TerminalRelay& relay);
  // The time to wait is over.
  void StopWaiting();
  void WaitFor(absl::Duration time);
  // Starts what signals the command's processes; false when the container cannot.
  bool Signal(const std::string& name);
  absl::Status Refusal(int exit_code, absl::string_view words) const;

  DockerEngine& docker_;
  const std::string& task_;
  const ExecTask& exec_;
  EventSink& events_;
  const Cancellation& cancellation_;
  const ExecGrace& grace_;
  const std::string mark_;
  const OutputHandler output_;
  const Cancellation never_;  // For what goes on after cancellation_ has fired.
  std::string id_;            // The engine's of the command.
  bool has_printed_ = false;
  std::optional<std::string> refusal_;  // The engine's words on a command that never ran.
  bool stopping_ = false, signalled_ = false, killed_ = false, given_up_ = false;
  Clock::time_point wait_until_;  // While stopping.
};

absl::Status ExecRun::Create(const ExecSpec& spec) {
  absl::StatusOr<std::string> id = docker_.CreateExec(exec_.container_id, spec, cancellation_);
  if (!id.ok()) return WithPrefix(id.status(), absl::StrCat(exec_.container_name, ": "));
  id_ = *std::move(id);
  return absl::OkStatus();
}

absl::Status ExecRun::RunDetached() {
  NOPO_RETURN_IF_ERROR(Create(exec_.spec));
  const absl::Status started = docker_.StartDetachedExec(id_, cancellation_);
  if (started.ok() || !absl::IsInternal(started)) return started;
  const absl::StatusOr<ExecState> state = docker_.InspectExec(id_, cancellation_);
  if (!state.ok() || !state->refused) return started;
  return Refusal(*state->exit_code, started.message());
}

absl::Status ExecRun::RunAttached() {
  ExecSpec spec = exec_.spec;
  spec.env.push_back(mark_);
  NOPO_RETURN_IF_ERROR(Create(spec));
  NOPO_ASSIGN_OR_RETURN(const CancellationFd cancelled, CancellationFd::Watch(cancellation_));
  // Quick, and not to be cut off: the command would run and nobody would know.
  NOPO_ASSIGN_OR_RETURN(ExecStreams streams, docker_.StartExec(id_, spec.tty, never_));
  events_.Report(TerminalAttached{.task = task_, .plain = !spec.tty});
  const absl::Status followed = Follow(streams, cancelled.get());
  if (stopping_) return absl::CancelledError("cancelled");
  NOPO_RETURN_IF_ERROR(followed);
  NOPO_ASSIGN_OR_RETURN(const int exit_code,
                        docker_.WaitForExec(exec_.container_id, id_, cancellation_));
  return refusal_.has_value() ? Refusal(exit_code, *refusal_) : ExitStatus(exit_code);
}

absl::Status ExecRun::Follow(ExecStreams& streams, int cancel_fd) {
  TerminalRelay relay(
      {.fd = streams.fd(),
       .on_terminal = exec_.spec.tty,
       .printed = [this](ContainerStream stream, absl::string_view data) { Report(stream, data); },
       .resize = [this](TerminalSize size) { Resize(size); }},
      *exec_.client);
  Resize(exec_.client->size());
  relay.Feed(streams.TakeEarly());
  while (!relay.ended() && !given_up_) {
    const TerminalRelay::Polled ends = relay.ToPoll();
    std::array<pollfd, 3> polled = {{ends[0], ends[1], {stopping_ ? -1 : cancel_fd, POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), PollTimeout());
    if (stopping_ && Clock::now() >= wait_until_) StopWaiting();
    if (ready <= 0) continue;
    if (polled[2].revents != 0) Stop(relay);
    relay.Serve({polled[0], polled[1]});
  }
  return relay.status();
}

void ExecRun::Report(ContainerStream stream, absl::string_view data) {
  if (!std::exchange(has_printed_, true)) {
    const absl::StatusOr<ExecState> state = docker_.InspectExec(id_, never_);
    if (state.ok() && state->refused) refusal_.emplace();
  }
  if (refusal_.has_value()) {
    absl::StrAppend(&*refusal_, data);
  } else {
    output_(stream, data);
  }
}

void ExecRun::Resize(TerminalSize size) {
  if (!exec_.spec.tty) return;
  // A command that has just ended has no terminal any more, which its end tells by itself.
  docker_.ResizeExec(id_, size.columns, size.rows, cancellation_).IgnoreError();
}

int ExecRun::PollTimeout() const {
  if (!stopping_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(wait_until_ - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void ExecRun::Stop(TerminalRelay& relay) {
  stopping_ = true;
  // The engine notices no end in a container, the signalling command's included, while one's output
  // cannot be written.
  relay.Drain();
  signalled_ = Signal(exec_.spec.tty ? "HUP" : "TERM");
  // Not before the signal: what has read only a part of its input must not take it for all.
  if (!signalled_) relay.EndTyping();
  WaitFor(signalled_ ? grace_.until_killed : grace_.without_signal);
}

void ExecRun::StopWaiting() {
  if (signalled_ && !std::exchange(killed_, true)) {
    Signal("KILL");
    WaitFor(grace_.without_signal);
    return;
  }
  given_up_ = true;
  const absl::StatusOr<ExecState> state = docker_.InspectExec(id_, never_);
  if (!state.ok() || !state->running) return;
  events_.Warning(absl::StrCat("the command goes on in ", exec_.container_name,
                               ", where it could not be ended; `docker top ", exec_.container_name,
                               "` shows it"));
}

void ExecRun::WaitFor(absl::Duration time) {
  wait_until_ = Clock::now() + absl::ToChronoMilliseconds(time);
}

bool ExecRun::Signal(const std::string& name) {
  // What another user started, or one with more rights, it could not look at.
  const ExecSpec spec{.command = {"sh", "-c", kSignalScript, "sh", mark_, name},
                      .user = exec_.spec.user,
                      .privileged = exec_.spec.privileged,
                      .attach = false};
  const absl::StatusOr<std::string> id = docker_.CreateExec(exec_.container_id, spec, never_);
  return id.ok() && docker_.StartDetachedExec(*id, never_).ok();
}

absl::Status ExecRun::Refusal(int exit_code, absl::string_view words) const {
  return WithTaskExitCode(
      MakeError(absl::StatusCode::kFailedPrecondition, Reason::kEngineFailed,
                absl::StrCat("cannot run `", exec_.spec.command.front(), "` in ",
                             exec_.container_name, ": ", InPlainWords(words))),
      exit_code);
}

}  // namespace

TaskResult RunExecTask(DockerEngine& docker, const std::string& task, const ExecTask& exec,
                       EventSink& events, const Cancellation& cancellation,
                       const ExecGrace& grace) {
  ExecRun run(docker, task, exec, events, cancellation, grace);
  return {.status = exec.spec.attach ? run.RunAttached() : run.RunDetached()};
}

}  // namespace nopo
