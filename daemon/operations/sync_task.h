// The task of a plan that syncs dependencies: "root:sync".
#pragma once

#include <functional>
#include <map>
#include <string>

#include "daemon/operations/image_transfers.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/workspace.h"
#include "daemon/sync/dependency_sync.h"

namespace nopo {

// Whether a plan has the task: where a dependency manager is known and there is a base image to run
// it in. A manager that nopo.yml declares is in the plan without one too, whose build then says
// what is missing.
bool SyncsDependencies(const Project& project, SyncMode mode);

// What the task runs with. All of it must outlive the run.
struct SyncSurroundings {
  const Workspace& workspace;
  const OpenedProject& opened;
  EngineSession& session;
  ImageTransfers& transfers;
  SyncMode mode = SyncMode::kAuto;
  // Called after it: it may have written files.
  std::function<void()> files_may_have_changed;
};

// "root:sync", "workspace:sync".
std::string SyncTaskName(const Project& project);

// Adds the task, after the build of the base image where `work` has one, and before those of
// `commands` that run in containers of the base image.
void AddSyncTask(PlannedWork& work, const std::map<std::string, CommandTask>& commands,
                 const SyncSurroundings& surroundings);

}  // namespace nopo
