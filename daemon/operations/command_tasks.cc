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

// A program in the container must know what the caller's terminal understands.
ContainerCommand WithTerminal(ContainerCommand command, ClientTerminal& terminal,
                              const Caller& caller) {
  command.terminal = &terminal;
  for (const char* name : {"TERM", "COLORTERM"}) {
    const std::string value = caller.Variable(name);
    if (!value.empty()) command.env.emplace(name, value);
  }
  return command;
}

}  // namespace

TaskListing ListingOf(const CommandTask& task) {
  return {.target = task.target,
          .command = task.command,
          .run = task.run,
          .in_container = task.context == CommandContext::kContainer,
          .dir = task.dir,
          .env = task.env};
}

absl::StatusOr<CommandTask> PlanSingleCommand(const Project& project, const Target& target,
                                              const std::string& command, CommandContext context) {
  NOPO_ASSIGN_OR_RETURN(CommandPlan plan, PlanCommands(project, {.command = command,
                                                                 .targets = {&target},
                                                                 .targets_named = true,
                                                                 .context = context}));
  const auto found = plan.tasks.find(absl::StrCat(target.id, ":", command));
  if (found != plan.tasks.end()) return std::move(found->second);
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(target.id, ":", command,
                                " has sub-commands; depends_on takes a command that runs"));
}

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

TaskResult RunOnHost(const std::string& name, const CommandTask& task, const OpenedProject& opened,
                     const Caller& caller, const TaskContext& context, ClientTerminal* terminal) {
  HostCommand command{
      .run = task.run, .dir = task.dir, .umask = caller.umask, .terminal = terminal};
  command.env = TaskEnvironment(task.env, opened, caller);
  return RunHostCommand(name, command, context.events, context.cancellation);
}

TaskResult RunInContainer(const std::string& name, const CommandTask& task,
                          const OpenedProject& opened, const Caller& caller, EngineSession& session,
                          const TaskContext& context, ClientTerminal* terminal) {
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
  if (is_service) {
    const absl::StatusOr<DesiredService> desired = DesiredServiceOf(
        project, target, command.image, /*instances=*/1, caller.environment, opened.dotenv);
    if (!desired.ok()) return {.status = desired.status()};
    command = WithServiceSettings(std::move(command), desired->spec);
  }
  if (terminal != nullptr) command = WithTerminal(std::move(command), *terminal, caller);
  return RunContainerCommand(session.engine, name, command, context.events, context.cancellation);
}

}  // namespace nopo
