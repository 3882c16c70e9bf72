// `nopo up`: images, network and volumes, containers in dependency order, health, orphans.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct UpOptions {
  Caller caller;
  TargetSelection selection;
  ExecutionOptions execution;
  bool with_dependencies = true;
  bool wait_for_health = true;
  bool force_build = false;
  bool pull = false;  // Look for newer images, pre-built ones and those that others stand on.
  absl::Duration health_timeout = absl::Seconds(120);
  std::map<std::string, int> scale;  // Instances by service.
};

// Reports a plan of `target:build` and `target:start` tasks and, at the end, a result.
//
// Errors: configuration and argument errors before anything is done; else the outcome of the plan.
absl::Status Up(const Workspace& workspace, const UpOptions& options, EventSink& events,
                const Cancellation& cancellation);

}  // namespace nopo
