// A plan under construction: tasks, what each does, and what a dry run says of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/plan_listing.h"

namespace nopo {

struct PlannedWork {
  std::vector<Task> tasks;
  std::map<std::string, TaskBody> bodies;
  std::map<std::string, TaskListing> listings;

  bool Has(const std::string& task) const { return bodies.contains(task); }
  // The task of that name; null when absent. Valid until a task is added. Linear.
  Task* Find(const std::string& name);
};

// RunPlan with the bodies of `work` and the caller's wishes.
RunSummary RunWork(const Plan& plan, const PlannedWork& work, const ExecutionOptions& execution,
                   EventSink& events, const Cancellation& cancellation);

}  // namespace nopo
