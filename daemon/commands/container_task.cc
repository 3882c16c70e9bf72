#include "daemon/commands/container_task.h"

#include <poll.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cancellation_fd.h"
#include "common/error.h"
#include "common/random_hex.h"
#include "common/status_macros.h"
#include "daemon/commands/exit_status.h"
#include "daemon/commands/output_tail.h"
#include "daemon/commands/terminal_relay.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/project/container_paths.h"

namespace nopo {
namespace {

constexpr size_t kTailLines = 20;
constexpr size_t kSlug = 64;  // Digits, as of Compose's.
constexpr size_t kShortSlug = 12;
constexpr int kNotExecutable = 126;  // What the engine records of a program that cannot be run ...
constexpr int kNotFound = 127;       // ... or is not there.

// The first process of a container does not get the signals of its terminal's keys unless it asks
// for them, so on a terminal the line runs in a second shell; what follows it keeps the first one
// from becoming that.
constexpr char kShellOfShell[] = "sh -c \"$0\"; exit $?";

// Compose's own one-off containers have a hash here. Any text makes its `ps` and `down` see one.
constexpr char kNoConfigHash[] = "nopo";

// The project's network, "" when there is none: then the engine's default one has to do.
absl::StatusOr<std::string> ProjectNetwork(DockerEngine& docker, const ContainerCommand& command,
                                           const Cancellation& cancellation) {
  if (!command.network.empty()) return command.network;
  NOPO_ASSIGN_OR_RETURN(const std::vector<Network> networks,
                        docker.ListNetworks({absl::StrCat(kLabelProject, "=", command.project),
                                             absl::StrCat(kLabelNetwork, "=default")},
                                            cancellation));
  return networks.empty() ? "" : networks.front().name;
}

// One container from its creation to its removal.
class OneOffContainer {
 public:
  OneOffContainer(DockerEngine& docker, const std::string& task, const ContainerCommand& command,
                  EventSink& events, const Cancellation& cancellation)
      : docker_(docker),
        task_(task),
        command_(command),
        events_(events),
        cancellation_(cancellation) {}
  ~OneOffContainer();

  absl::Status Create();
  absl::Status Run();
  absl::Status RunOnTerminal();
  std::vector<std::string> LastLines() const { return tail_.Lines(); }

 private:
  // Carries bytes until the container's side is at its end or `cancel_fd` is readable.
  void Relay(const ContainerTerminal& terminal, int cancel_fd);
  absl::Status Explain(const absl::StatusOr<int>& exit_code);
  void Report(ContainerStream stream, absl::string_view data);
  absl::Status ExplainExit(int exit_code);
  // Tells a command line that could not be started from an engine that failed.
  absl::Status ExplainFailure(absl::Status failure);

  DockerEngine& docker_;
  const std::string& task_;
  const ContainerCommand& command_;
  EventSink& events_;
  const Cancellation& cancellation_;
  OutputTail tail_{kTailLines};
  std::string name_;
  bool may_exist_ = false;
};

OneOffContainer::~OneOffContainer() {
  if (!may_exist_) return;
  // Whatever was cancelled, this has to be done.
  const Cancellation never;
  const absl::Status removed = docker_.RemoveContainer(name_, true, true, never);
  if (removed.ok() || absl::IsNotFound(removed)) return;
  events_.Warning(absl::StrCat("container ", name_, " is left behind: ", removed.message()));
}

absl::Status OneOffContainer::Create() {
  const std::string slug = RandomHex(kSlug);
  name_ =
      absl::StrCat(command_.project, "-", command_.service, "-run-", slug.substr(0, kShortSlug));
  NOPO_ASSIGN_OR_RETURN(const std::string network,
                        ProjectNetwork(docker_, command_, cancellation_));
  // Quick, and not to be cut off: the engine could then make the container after its removal.
  const Cancellation never;
  const absl::Status created =
      docker_.CreateContainer(name_, OneOffSpec(command_, slug, network), never).status();
  may_exist_ = !absl::IsNotFound(created);
  if (!absl::IsNotFound(created)) return created;
  return WithHint(created, absl::StrCat("`nopo build ", command_.service,
                                        "` makes the image of a target that nopo builds"));
}

absl::Status OneOffContainer::Run() {
  return Explain(docker_.RunAttached(
      name_, [this](ContainerStream stream, absl::string_view data) { Report(stream, data); },
      cancellation_));
}

absl::Status OneOffContainer::RunOnTerminal() {
  absl::StatusOr<ContainerTerminal> terminal = docker_.StartOnTerminal(name_, cancellation_);
  if (!terminal.ok()) return Explain(terminal.status());
  NOPO_ASSIGN_OR_RETURN(const CancellationFd cancelled, CancellationFd::Watch(cancellation_));
  events_.Report(TerminalAttached{task_});
  Relay(*terminal, cancelled.get());
  return Explain(terminal->Wait());
}

void OneOffContainer::Relay(const ContainerTerminal& terminal, int cancel_fd) {
  const auto resize = [this](TerminalSize size) {
    // A container that has just ended has no terminal any more, which its end tells by itself.
    docker_.ResizeTerminal(name_, size.columns, size.rows, cancellation_).IgnoreError();
  };
  resize(command_.terminal->size());
  TerminalRelay relay(
      {.fd = terminal.fd(), .printed = ReportOutput(task_, events_), .resize = resize},
      *command_.terminal);
  while (!relay.ended()) {
    const TerminalRelay::Polled ends = relay.ToPoll();
    std::array<pollfd, 3> polled = {{ends[0], ends[1], {cancel_fd, POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) <= 0) continue;
    if (polled[2].revents != 0) return;
    relay.Serve({polled[0], polled[1]});
  }
}

absl::Status OneOffContainer::Explain(const absl::StatusOr<int>& exit_code) {
  if (absl::IsCancelled(exit_code.status())) return exit_code.status();
  return exit_code.ok() ? ExplainExit(*exit_code) : ExplainFailure(exit_code.status());
}

void OneOffContainer::Report(ContainerStream stream, absl::string_view data) {
  const bool out = stream == ContainerStream::kStdout;
  tail_.Append(out ? 0 : 1, data);
  events_.Report(TaskOutput{task_, out ? TaskOutput::Stream::kStdout : TaskOutput::Stream::kStderr,
                            std::string(data)});
}

absl::Status OneOffContainer::ExplainExit(int exit_code) {
  const absl::Status status = ExitStatus(exit_code);
  if (status.ok()) return status;
  const absl::StatusOr<Container> container = docker_.InspectContainer(name_, cancellation_);
  if (!container.ok() || !container->oom_killed) return status;
  return WithHint(status, "it ran out of memory: raise the target's `memory`");
}

absl::Status OneOffContainer::ExplainFailure(absl::Status failure) {
  const absl::StatusOr<Container> container = docker_.InspectContainer(name_, cancellation_);
  if (!container.ok()) return failure;
  const int code = container->exit_code;
  if (container->state != ContainerState::kCreated ||
      (code != kNotFound && code != kNotExecutable)) {
    return failure;
  }
  absl::Status status = MakeError(
      absl::StatusCode::kFailedPrecondition, Reason::kTaskFailed,
      absl::StrCat("cannot start `sh` in a container of ", command_.image, ": ", failure.message()),
      {absl::StrCat("commands run with `sh -c`, so the image ", command_.image, " must have it")});
  return WithTaskExitCode(std::move(status), code);
}

}  // namespace

ContainerSpec OneOffSpec(const ContainerCommand& command, const std::string& slug,
                         const std::string& network) {
  ContainerSpec spec;
  spec.image = command.image;
  spec.entrypoint = {"sh", "-c"};
  spec.command = {command.run};
  if (command.terminal != nullptr) {
    spec.entrypoint->push_back(kShellOfShell);
    spec.tty = spec.open_stdin = spec.attach_stdin = true;
    const TerminalSize size = command.terminal->size();
    spec.console_columns = size.columns;
    spec.console_rows = size.rows;
  }
  for (const auto& [key, value] : command.env) spec.env.push_back(absl::StrCat(key, "=", value));
  spec.labels = {{kLabelProject, command.project},
                 {kLabelService, command.service},
                 {kLabelOneOff, "True"},
                 {kLabelSlug, slug},
                 {kLabelNumber, "1"},
                 {kLabelComposeHash, kNoConfigHash},
                 {kLabelWorkingDir, command.root.string()},
                 {kLabelConfigFiles, command.config_file.string()},
                 {kLabelVersion, kComposeVersion}};
  spec.working_dir = command.dir;
  spec.user = command.user;
  spec.mounts = command.mounts;
  if (command.mount_project) {
    spec.mounts.push_back(
        {.type = "bind", .source = command.root.string(), .target = kProjectInContainer});
  }
  spec.network_mode = network;
  spec.nano_cpus = command.nano_cpus;
  spec.memory_bytes = command.memory_bytes;
  return spec;
}

TaskResult RunContainerCommand(DockerEngine& docker, const std::string& task,
                               const ContainerCommand& command, EventSink& events,
                               const Cancellation& cancellation) {
  TaskResult result;
  OneOffContainer container(docker, task, command, events, cancellation);
  result.status = container.Create();
  if (!result.status.ok()) return result;
  result.status = command.terminal == nullptr ? container.Run() : container.RunOnTerminal();
  if (!result.status.ok()) result.last_lines = container.LastLines();
  return result;
}

}  // namespace nopo
