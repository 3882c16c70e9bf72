// The command tasks of a plan: a project's commands on the host or in one-off containers.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "daemon/commands/command_planner.h"
#include "daemon/events/client_terminal.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/image_transfers.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/workspace.h"

namespace nopo {

// What a process on the host gets: the caller's environment, the managed variables that the caller
// has not set (or left empty), then its `own`, which wins.
EnvironmentMap TaskEnvironment(const EnvironmentMap& own, const OpenedProject& opened,
                               const Caller& caller);

// What command tasks run with. All of it must outlive them.
struct CommandSurroundings {
  const OpenedProject& opened;
  const Caller& caller;
  // May be null when nothing runs in a container, as may `transfers`, which brings images that the
  // engine lacks.
  EngineSession* session;
  ImageTransfers* transfers;
  // The caller's, if it is lent to the task of that name; see HostCommand and ContainerCommand.
  ClientTerminal* terminal = nullptr;
  std::string task_on_terminal;
  // Called after each task: it may have written files. May be empty.
  std::function<void()> files_may_have_changed;
};

// Adds bodies and listings of `commands`, by task name, to `work`, which has the tasks.
void AddCommandBodies(PlannedWork& work, const std::map<std::string, CommandTask>& commands,
                      const CommandSurroundings& surroundings);

}  // namespace nopo
