#include "daemon/operations/plan_listing.h"

#include <boost/json.hpp>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/operations/json_values.h"

namespace nopo {
namespace {

boost::json::object JsonTask(const Task& task, const TaskListing& listing) {
  return {{"target", listing.target},
          {"command", listing.command},
          {"run", listing.run},
          {"context", listing.in_container ? "container" : "host"},
          {"dir", listing.dir},
          {"env", JsonObject(listing.env)},
          {"depends_on", JsonStrings(task.depends_on)},
          {"reason", task.reason}};
}

}  // namespace

std::string PlanJson(const Plan& plan, const std::map<std::string, TaskListing>& tasks) {
  boost::json::array stages;
  for (const std::vector<std::string>& stage : plan.Stages()) stages.push_back(JsonStrings(stage));
  boost::json::object listed;
  for (const Task& task : plan.tasks()) {
    const auto found = tasks.find(task.name);
    if (found != tasks.end()) listed[task.name] = JsonTask(task, found->second);
  }
  return boost::json::serialize(boost::json::object{{"stages", stages}, {"tasks", listed}});
}

void ReportDryRun(const Plan& plan, const std::map<std::string, TaskListing>& tasks,
                  EventSink& events) {
  DebugPlan(plan, events);
  ResultReady result{.output = StagesText(plan), .json = PlanJson(plan, tasks)};
  if (plan.empty()) result.summary = "nothing to do";
  events.Report(std::move(result));
}

void DebugPlan(const Plan& plan, EventSink& events) {
  for (const Task& task : plan.tasks()) {
    events.DebugOf(TargetOfTask(task.name), DebugArea::kDeps, [&] {
      const std::string after = task.depends_on.empty()
                                    ? "waits for nothing"
                                    : absl::StrCat("after ", absl::StrJoin(task.depends_on, ", "));
      return absl::StrCat(task.name, ": ", after, "; ", task.reason);
    });
  }
}

std::string TargetOfTask(const std::string& task) { return task.substr(0, task.find(':')); }

}  // namespace nopo
