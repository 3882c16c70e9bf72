#include "daemon/operations/command_tasks.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/commands/container_task.h"
#include "daemon/commands/host_process.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/project/image_names.h"
#include "daemon/services/desired_service.h"

namespace nopo {
namespace {

// A command of a service runs with the service's own environment, mounts, user and limits, as
// Compose's `run` does; what the command says of its environment wins.
ContainerCommand WithServiceSettings(ContainerCommand command, const ContainerSpec& service) {
  for (const std::string& variable : service.env) {
    const std::vector<std::string> parts = absl::StrSplit(variable, absl::MaxSplits('=', 1));
    command.env.emplace(parts.front(), parts.size() == 2 ? parts.back() : "");
  }
  command.mounts = service.mounts;
  command.user = service.user;
  command.nano_cpus = service.nano_cpus;
  command.memory_bytes = service.memory_bytes;
  return command;
}

TaskListing ListingOf(const CommandTask& task) {
  return {.target = task.target,
          .command = task.command,
          .run = task.run,
          .in_container = task.context == CommandContext::kContainer,
          .dir = task.dir,
          .env = task.env};
}

TaskResult RunOnHost(const std::string& name, const CommandTask& task,
                     const CommandSurroundings& around, const TaskContext& context,
                     ClientTerminal* terminal) {
  HostCommand command{.run = task.run,
                      .dir = task.dir,
                      .dir_key = task.dir_key,
                      .umask = around.caller.umask,
                      .terminal = terminal};
  command.env = TaskEnvironment(task.env, around.opened, around.caller);
  return RunHostCommand(name, command, context.events, context.cancellation);
}

TaskResult RunInContainer(const std::string& name, const CommandTask& task,
                          const CommandSurroundings& around, const TaskContext& context,
                          ClientTerminal* terminal) {
  const OpenedProject& opened = around.opened;
  const Caller& caller = around.caller;
  const Project& project = *opened.project;
  const Target& target = *project.FindTarget(task.target);
  const bool is_service = target.kind == TargetKind::kService;
  ContainerCommand command{.project = project.slug,
                           .service = target.id,
                           .root = project.root,
                           .config_file = project.config_file,
                           .run = task.run,
                           .dir = task.dir,
                           .mount_project = task.mount_project,
                           .env = task.env};
  command.image = ImageOf(target, opened.names);
  absl::Status image =
      around.transfers->PullIfMissing(name, command.image, context.events, context.cancellation);
  if (!image.ok()) return {.status = std::move(image)};
  if (is_service) {
    const absl::StatusOr<DesiredService> desired = DesiredServiceOf(
        project, target, command.image, /*instances=*/1, caller.environment, opened.dotenv);
    if (!desired.ok()) return {.status = desired.status()};
    command = WithServiceSettings(std::move(command), desired->spec);
  }
  command.terminal = terminal;
  if (terminal != nullptr) AddTerminalVariables(caller, command.env);
  return RunContainerCommand(around.session->engine, name, command, context.events,
                             context.cancellation);
}

}  // namespace

EnvironmentMap TaskEnvironment(const EnvironmentMap& own, const OpenedProject& opened,
                               const Caller& caller) {
  EnvironmentMap environment = caller.environment;
  for (const auto& [key, value] : opened.names.managed) {
    std::string& known = environment[key];
    if (known.empty()) known = value;
  }
  for (const auto& [key, value] : own) environment[key] = value;
  return environment;
}

void AddCommandBodies(PlannedWork& work, const std::map<std::string, CommandTask>& commands,
                      const CommandSurroundings& surroundings) {
  for (const auto& [name, task] : commands) {
    ClientTerminal* terminal =
        name == surroundings.task_on_terminal ? surroundings.terminal : nullptr;
    work.listings[name] = ListingOf(task);
    work.bodies[name] = [name = name, task = task, surroundings,
                         terminal](const TaskContext& context) {
      const bool on_host = task.context == CommandContext::kHost;
      TaskResult result = on_host ? RunOnHost(name, task, surroundings, context, terminal)
                                  : RunInContainer(name, task, surroundings, context, terminal);
      if (surroundings.files_may_have_changed) surroundings.files_may_have_changed();
      return result;
    };
  }
}

}  // namespace nopo
