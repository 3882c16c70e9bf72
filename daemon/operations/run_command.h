// `nopo CMD` and `nopo run CMD`: commands of the project, on the host or in containers.
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

struct RunCommandOptions {
  Caller caller;
  TargetSelection selection;  // Its names are empty: they are among `words`.
  ExecutionOptions execution;
  std::vector<std::string> words;                   // Command, sub-commands, targets; as typed.
  std::vector<std::string> arguments;               // After "--".
  CommandContext context = CommandContext::kUnset;  // --context
  bool in_container = false;                        // `nopo run`
  std::vector<std::string> client_commands;         // What a misspelt command may have meant.
  // The caller's; null when it has none. Lent to the requested task if there is only one: those
  // that it depends on run before it, as ever.
  ClientTerminal* terminal = nullptr;
};

absl::Status RunCommand(const Workspace& workspace, const RunCommandOptions& options,
                        EventSink& events, const Cancellation& cancellation);

}  // namespace nopo
