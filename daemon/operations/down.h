// `nopo down`: stops and removes containers and the project's network.
#pragma once

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct DownOptions {
  Caller caller;
  TargetSelection selection;
  ExecutionOptions execution;
  bool volumes = false;  // Also the project's volumes.
  bool images = false;   // Also images that nopo built.
};

// With targets only their containers go; without, all of the project's, orphans and one-off ones
// included, and the network.
absl::Status Down(const Workspace& workspace, const DownOptions& options, EventSink& events,
                  const Cancellation& cancellation);

}  // namespace nopo
