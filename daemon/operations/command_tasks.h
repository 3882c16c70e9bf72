// The command tasks of a plan: a project's commands on the host or in one-off containers.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/commands/command_planner.h"
#include "daemon/events/client_terminal.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/plan_listing.h"
#include "daemon/operations/workspace.h"

namespace nopo {

TaskListing ListingOf(const CommandTask& task);

// `command` of `target` as a task of its own: without its dependencies. With kUnset it runs where
// the command says, else on the host.
//
// Errors: CONFIGURATION when the target lacks it or it has sub-commands.
absl::StatusOr<CommandTask> PlanSingleCommand(const Project& project, const Target& target,
                                              const std::string& command, CommandContext context);

// What a process on the host gets: the caller's environment, the managed variables that the caller
// has not set (or left empty), then its `own`, which wins.
EnvironmentMap TaskEnvironment(const EnvironmentMap& own, const OpenedProject& opened,
                               const Caller& caller);

// `terminal` is the caller's if it is lent to the task; see HostCommand and ContainerCommand.
TaskResult RunOnHost(const std::string& name, const CommandTask& task, const OpenedProject& opened,
                     const Caller& caller, const TaskContext& context,
                     ClientTerminal* terminal = nullptr);
TaskResult RunInContainer(const std::string& name, const CommandTask& task,
                          const OpenedProject& opened, const Caller& caller, EngineSession& session,
                          const TaskContext& context, ClientTerminal* terminal = nullptr);

}  // namespace nopo
