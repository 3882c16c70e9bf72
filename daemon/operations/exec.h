// `nopo exec`: any command in a running container of a service.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct ExecOptions {
  Caller caller;
  TargetSelection selection;  // Names one target.
  ExecutionOptions execution;
  std::vector<std::string> command;
  int index = 0;  // Which of the service's containers; 0 = the first that runs.
  EnvironmentMap env;
  std::string working_dir, user;  // "" = the container's.
  bool privileged = false;
  bool on_terminal = false;  // The command gets one, with the caller's.
  bool detach = false;
  ClientTerminal* terminal = nullptr;  // The caller's, or its standard streams.
};

// Takes no turn: it changes nothing of the project's, and works beside what does.
absl::Status Exec(const Workspace& workspace, const ExecOptions& options, EventSink& events,
                  const Cancellation& cancellation);

}  // namespace nopo
