// `nopo logs`: what the services' containers print.
#pragma once

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct LogsOptions {
  Caller caller;
  TargetSelection selection;
  bool follow = false;
  int tail = -1;  // Lines per container; -1 = all.
  bool timestamps = false;
};

absl::Status StreamLogs(const Workspace& workspace, const LogsOptions& options, EventSink& events,
                        const Cancellation& cancellation);

}  // namespace nopo
