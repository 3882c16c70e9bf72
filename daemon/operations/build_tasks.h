// The build tasks of a plan, as `build`, `up` and `run` share them: images through BuildKit,
// packages on the host, each skipped when it is proven up to date.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "daemon/build/build_plan.h"
#include "daemon/build/image_builder.h"
#include "daemon/operations/build_settings.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/image_transfers.h"
#include "daemon/operations/package_builder.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/workspace.h"

namespace nopo {

// Whether a build task would build, and why.
struct TaskExplanation {
  std::string task, target;
  BuildDecision decision;
};

// Lives as long as the plan runs: the bodies it makes refer to it. Thread-safe.
class BuildTasks {
 public:
  // `session` may be null when no engine was found and only a listing is wanted. Everything given
  // must outlive this.
  BuildTasks(const Workspace& workspace, const OpenedProject& opened, const Caller& caller,
             EngineSession* session, RegistryLogins& logins, const ImageSettings& settings);
  ~BuildTasks() { ended_.Cancel(); }

  // Adds the bodies and listings of `builds`, by task name, to `work`, which has the tasks. Images
  // take a job each only where the user said how many there are: BuildKit schedules their steps
  // itself, and leaves the machine idle when it has too few of them to choose from.
  void AddBodies(PlannedWork& work, const std::map<std::string, BuildTask>& builds,
                 const ExecutionOptions& execution);

  // To be called after a task that may have written files.
  void FilesMayHaveChanged();

  // Adds, behind each image's build, the task that pushes it. To be called last.
  //
  // Errors: CONFIGURATION for an image whose name has no registry.
  absl::Status AddPushesTo(PlannedWork& work, const std::map<std::string, BuildTask>& builds);

  // Whether each of `builds` would build anything if `tasks` ran now, dependencies first. One that
  // stands on something to be built is not up to date.
  //
  // Errors: of the engine, of files that cannot be read; CANCELLED.
  absl::StatusOr<std::vector<TaskExplanation>> Explain(
      const std::vector<Task>& tasks, const std::map<std::string, BuildTask>& builds,
      const Cancellation& cancellation);

  // The images of those tasks that have ended well so far, in the order in which they did.
  std::vector<BuiltImage> built() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Null without a session, when nothing can be built.
  std::unique_ptr<ImageBuilder> NewImageBuilder(const Workspace& workspace) const;
  // Whether the project builds an image of that name.
  bool IsBuiltHere(const std::string& image) const;
  TaskResult PushImage(const std::string& task, const std::string& tag, const TaskContext& context)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Brings the images that `build` stands on, and that are not built here, up to date.
  absl::Status PullBaseImages(const std::string& task, const ImageBuild& build,
                              const TaskContext& context);
  TaskResult BuildImage(const std::string& task, const ImageBuild& build,
                        const TaskContext& context) ABSL_LOCKS_EXCLUDED(mutex_);
  TaskResult BuildPackage(const Task& task, const PackageBuild& build, const TaskContext& context);
  // As if everything it stands on were up to date.
  absl::StatusOr<BuildDecision> ExplainAlone(const Task& task, const BuildTask& build,
                                             const Cancellation& cancellation);

  const OpenedProject& opened_;
  const Caller& caller_;
  EngineSession* const session_;
  RegistryLogins& logins_;
  ImageTransfers transfers_;
  const ImageSettings settings_;
  const std::string scope_;
  Cancellation ended_;  // Fires first: what answers BuildKit's questions must not outlive the plan.
  const std::unique_ptr<ImageBuilder> images_;  // Null without a session.
  PackageBuilder packages_;
  mutable Mutex mutex_;
  std::vector<BuiltImage> built_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
