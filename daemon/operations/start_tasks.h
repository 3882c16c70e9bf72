// The start tasks of `up`: each brings one service to what nopo.yml wants, once its image is there.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/operations/image_transfers.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/start_plan.h"
#include "daemon/operations/up.h"
#include "daemon/operations/workspace.h"
#include "daemon/services/desired_service.h"
#include "daemon/services/project_resources.h"
#include "daemon/services/service_starter.h"

namespace nopo {

// Lives as long as the plan runs: the bodies it makes refer to it. Immutable once made, apart from
// the engine it acts on.
class StartTasks {
 public:
  // `plan`'s services as they should be. Everything given must outlive this; `session` may be null
  // when only a listing is wanted.
  //
  // Errors: BAD_ARGUMENTS for a bad --scale; CONFIGURATION (see DesiredServiceOf).
  static absl::StatusOr<std::unique_ptr<StartTasks>> Create(const OpenedProject& opened,
                                                            const UpOptions& options,
                                                            EngineSession* session,
                                                            ImageTransfers& transfers,
                                                            StartPlan plan);

  // Adds the start tasks, each after its image's build where `work` has one. The commands that come
  // between them are `commands`, whose tasks and bodies `work` has: they get their place, and run
  // only when what waits for them is to be started, but for those that builds wait for as well.
  void AddTo(PlannedWork& work, const WantedCommandsPlan& commands,
             const std::set<std::string>& commands_of_builds);

  const std::map<std::string, DesiredService>& desired() const { return desired_; }

 private:
  StartTasks(const OpenedProject& opened, const UpOptions& options, EngineSession* session,
             ImageTransfers& transfers, StartPlan plan);
  absl::Status DesireServices();
  // `may_pull` is false for an image that a task of the same plan builds.
  TaskResult Start(const std::string& task, const std::string& service, bool may_pull,
                   const TaskContext& context);
  // Pulls the image if the engine lacks it, or always when the caller asks for that.
  absl::Status EnsureImage(const std::string& task, const std::string& image,
                           const TaskContext& context);
  void AddStart(const Task& planned, PlannedWork& work);
  // Puts the tasks of a command between the starts.
  void PlaceCommand(const StartPlan::CommandBefore& command, const WantedCommandsPlan& commands,
                    PlannedWork& work);
  // `body`, skipped where nothing in `dependents` is to be started.
  TaskBody OnlyBefore(std::vector<std::string> dependents, TaskBody body) const;
  // True when every service in `ids` runs as desired, so that nothing that must come before its
  // start has to be done.
  absl::StatusOr<bool> AllUpToDate(const std::vector<std::string>& ids,
                                   const Cancellation& cancellation) const;

  const OpenedProject& opened_;
  const UpOptions& options_;
  EngineSession* const session_;
  ImageTransfers& transfers_;
  const StartPlan plan_;
  std::map<std::string, DesiredService> desired_;
  std::unique_ptr<ProjectResources> resources_;
  // The services that wait, directly or not, for a command: by its task's name.
  std::map<std::string, std::set<std::string>> waiting_;
};

}  // namespace nopo
