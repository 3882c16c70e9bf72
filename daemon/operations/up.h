// `nopo up`: images, network and volumes, containers in dependency order, health, orphans.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"
#include "daemon/sync/sync_decision.h"

namespace nopo {

struct PlannedUp {
  const OpenedProject& opened;
  const JointPlan& builds;  // Builds and commands.
  const Plan& plan;         // All tasks.
};

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
  SyncMode sync = SyncMode::kAuto;
  // Images of a released version are built, as by force_build, but only those out of date.
  bool builds_released = false;
  // Called once it is this operation's turn and before any task runs; what the builds of the plan
  // read, they read after it. May be null.
  std::function<void(const PlannedUp&)> before_tasks;
};

// Reports a plan of `target:build`, `root:sync` and `target:start` tasks and, at the end, a result.
//
// Errors: configuration and argument errors before anything is done; else the outcome of the plan.
absl::Status Up(const Workspace& workspace, const UpOptions& options, EventSink& events,
                const Cancellation& cancellation);

}  // namespace nopo
