#include "daemon/graph/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "daemon/graph/dependency_graph.h"

namespace nopo {

absl::StatusOr<Plan> Plan::Create(std::vector<Task> tasks) {
  absl::flat_hash_map<std::string, size_t> by_name;
  DependencyGraph graph;
  for (size_t i = 0; i < tasks.size(); ++i) {
    Task& task = tasks[i];
    std::sort(task.depends_on.begin(), task.depends_on.end());
    task.depends_on.erase(std::unique(task.depends_on.begin(), task.depends_on.end()),
                          task.depends_on.end());
    graph.AddNode(task.name);
    for (const std::string& dependency : task.depends_on) {
      graph.AddDependency(task.name, dependency);
    }
    if (!by_name.emplace(task.name, i).second) {
      return absl::InternalError(absl::StrCat("two tasks of the plan are named ", task.name));
    }
  }
  for (const Task& task : tasks) {
    for (const std::string& dependency : task.depends_on) {
      if (by_name.contains(dependency)) continue;
      return absl::InternalError(
          absl::StrCat(task.name, " depends on ", dependency, ", which is no task of the plan"));
    }
  }
  if (const std::vector<std::string> cycle = graph.FindCycle(); !cycle.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     absl::StrCat("these tasks wait for each other: ", CycleText(cycle)));
  }
  Plan plan;
  for (const std::string& name : graph.TopologicalOrder()) {
    plan.positions_[name] = plan.tasks_.size();
    plan.tasks_.push_back(std::move(tasks[by_name.find(name)->second]));
  }
  return plan;
}

const Task* Plan::Find(absl::string_view name) const {
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &tasks_[found->second];
}

std::vector<std::vector<std::string>> Plan::Stages() const {
  std::vector<size_t> stage_of(tasks_.size(), 0);
  std::vector<std::vector<std::string>> stages;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    for (const std::string& dependency : tasks_[i].depends_on) {
      stage_of[i] = std::max(stage_of[i], stage_of[positions_.find(dependency)->second] + 1);
    }
    if (stages.size() <= stage_of[i]) stages.resize(stage_of[i] + 1);
    stages[stage_of[i]].push_back(tasks_[i].name);
  }
  for (std::vector<std::string>& stage : stages) std::sort(stage.begin(), stage.end());
  return stages;
}

std::string StagesText(const Plan& plan) {
  std::string text;
  int number = 0;
  for (const std::vector<std::string>& stage : plan.Stages()) {
    absl::StrAppend(&text, "Stage ", ++number, ": [", absl::StrJoin(stage, ", "), "]\n");
  }
  return text;
}

}  // namespace nopo
