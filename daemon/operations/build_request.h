// What a request for builds comes to before anything runs; `build` and `why` share it.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/build/cache_choice.h"
#include "daemon/build/image_builder.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/build_settings.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/settings.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct BuildRequest {
  Caller caller;
  TargetSelection selection;
  bool no_cache = false;
  bool pull = false;
  bool push = false;  // Every image of the plan, after its build.
  CacheRequest caches;
  std::string target_stage;
  std::map<std::string, std::string> build_args;
};

struct PreparedBuild {
  OpenedProject opened;
  Settings settings;
  JointPlan plan;
  EngineSession* session;  // Not yet connected.
  ImageSettings build;

  bool HasImages() const;
};

// Errors: as OpenProjectForTasks, SelectTargets, PlanJointly and EngineSessions::For.
absl::StatusOr<PreparedBuild> PrepareBuild(const Workspace& workspace, const BuildRequest& request,
                                           DotenvUse use, EventSink& events,
                                           const Cancellation& cancellation);

// Completes the options of the images by what the user set, which may take asking BuildKit.
//
// Errors: as ReadBuildSettings.
absl::Status ReadImageOptions(const Workspace& workspace, const BuildRequest& request,
                              EventSink& events, const Cancellation& cancellation,
                              PreparedBuild& prepared);

}  // namespace nopo
