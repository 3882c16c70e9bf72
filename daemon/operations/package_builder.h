// Builds the packages of one request on the host, or proves that they need no building.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "daemon/build/build_decision.h"
#include "daemon/build/build_plan.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"

namespace nopo {

// Thread-safe; what it is given must outlive it.
class PackageBuilder {
 public:
  // `scope` is that of ledger and history.
  PackageBuilder(const Workspace& workspace, const OpenedProject& opened, const Caller& caller,
                 std::string scope);

  // Runs the command of `build`, which stands in the plan as `task`, unless the record proves it
  // needless and it is not `forced`. Those it depends on have been built or explained before.
  TaskResult Build(const Task& task, const PackageBuild& build, bool forced,
                   const TaskContext& context) ABSL_LOCKS_EXCLUDED(mutex_);

  // What Build would decide now, without doing it.
  absl::StatusOr<BuildDecision> Explain(const Task& task, const PackageBuild& build)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Assessment {
    std::optional<std::string> fingerprint;  // Empty when it cannot be known.
    BuildDecision decision;
  };

  absl::StatusOr<Assessment> Assess(const Task& task, const PackageBuild& build)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Of the package and what it depends on; empty when that cannot be known.
  absl::StatusOr<std::optional<std::string>> FingerprintOf(const Task& task,
                                                           const PackageBuild& build)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<TaskResult> BuildOrSkip(const Task& task, const PackageBuild& build, bool forced,
                                         const TaskContext& context) ABSL_LOCKS_EXCLUDED(mutex_);
  TaskResult Run(const Task& task, const PackageBuild& build, const std::string& why,
                 const TaskContext& context);

  const Workspace& workspace_;
  const OpenedProject& opened_;
  const Caller& caller_;
  const std::string scope_;
  Mutex mutex_;
  // What the packages of this request are built from, by task name.
  std::map<std::string, std::string> fingerprints_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
