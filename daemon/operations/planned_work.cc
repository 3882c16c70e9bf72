#include "daemon/operations/planned_work.h"

#include <algorithm>

#include "daemon/events/phase.h"

namespace nopo {

Task* PlannedWork::Find(const std::string& name) {
  const auto found =
      std::find_if(tasks.begin(), tasks.end(), [&](const Task& task) { return task.name == name; });
  return found == tasks.end() ? nullptr : &*found;
}

RunSummary RunWork(const Plan& plan, const PlannedWork& work, const ExecutionOptions& execution,
                   EventSink& events, const Cancellation& cancellation) {
  const RunOptions options{.jobs = EffectiveJobs(execution.jobs), .fail_fast = execution.fail_fast};
  DebugPlan(plan, events);
  const Phase phase(events, "tasks");
  return RunPlan(plan, work.bodies, options, events, cancellation);
}

}  // namespace nopo
