#include "daemon/operations/start_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/graph/dependency_graph.h"

namespace nopo {
namespace {

std::string StartTask(absl::string_view service) { return absl::StrCat(service, ":start"); }

// What `service` itself says of its start after `other`; null when it only depends on it at service
// level or through a package.
const StartDependency* OwnWord(const Project& project, const Target& service,
                               const std::string& other) {
  const auto& all = service.infrastructure.depends_on;
  const auto found = std::find_if(all.begin(), all.end(), [&](const StartDependency& dependency) {
    const Target* target = project.FindTarget(dependency.target);
    return target != nullptr && target->id == other;
  });
  return found == all.end() ? nullptr : &*found;
}

class StartPlanner {
 public:
  StartPlanner(const Project& project, bool with_dependencies)
      : project_(project), with_dependencies_(with_dependencies) {}

  absl::StatusOr<StartPlan> Plan(const std::vector<const Target*>& services) {
    for (const Target* service : services) {
      plan_.starts[service->id] = {.service = service, .requested = true};
      pending_.push_back(service);
    }
    while (!pending_.empty()) {
      const Target& next = *pending_.back();
      pending_.pop_back();
      if (expanded_.insert(next.id).second) AddDependencies(next);
    }
    if (const std::vector<std::string> cycle = graph_.FindCycle(); !cycle.empty()) {
      return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                       absl::StrCat("what is started depends on itself: ", CycleText(cycle)));
    }
    through_ = graph_.DependenciesThrough(
        [this](absl::string_view id) { return !plan_.starts.contains(std::string(id)); });
    for (const auto& [id, start] : plan_.starts) AddTask(*start.service);
    for (const auto& [task, command] : plan_.commands) AddCommandTask(task, command);
    return std::move(plan_);
  }

 private:
  void AddDependencies(const Target& target) {
    graph_.AddNode(target.id);
    for (const Dependency& dependency : target.dependencies) {
      AddDependency(target, dependency.target);
    }
    if (target.kind != TargetKind::kService) return;
    for (const StartDependency& dependency : target.infrastructure.depends_on) {
      AddDependency(target, dependency.target);
    }
  }

  void AddDependency(const Target& target, const std::string& name) {
    const Target* other = project_.FindTarget(name);
    if (other == nullptr || other->kind == TargetKind::kRoot) return;
    if (other->kind == TargetKind::kService) {
      if (!with_dependencies_ && !plan_.starts.contains(other->id)) return;
      plan_.starts.emplace(other->id, StartPlan::Start{.service = other});
    }
    graph_.AddDependency(target.id, other->id);
    pending_.push_back(other);
  }

  void AddTask(const Target& service) {
    Task task{.name = StartTask(service.id), .waits = true};
    const bool requested = plan_.starts[service.id].requested;
    task.reason = requested ? "requested" : "needed by a requested service";
    for (const std::string& id : through_[service.id]) {
      const StartDependency* own = OwnWord(project_, service, id);
      const DependencyCondition condition =
          own == nullptr ? DependencyCondition::kHealthy : own->condition;
      task.depends_on.push_back(StartTask(id));
      if (condition == DependencyCondition::kStarted) {
        task.after_under_way.push_back(StartTask(id));
      }
      std::optional<DependencyCondition>& awaited = plan_.starts[id].awaited;
      awaited = std::max(awaited.value_or(condition), condition);
    }
    AddCommands(service, task);
    plan_.tasks.push_back(std::move(task));
  }

  // The commands of others that `service` waits for, as far as these others are in the plan.
  void AddCommands(const Target& service, Task& task) {
    for (const StartDependency& dependency : service.infrastructure.depends_on) {
      const Target* other = project_.FindTarget(dependency.target);
      if (other == nullptr || !graph_.Contains(other->id)) continue;
      for (const std::string& command : dependency.commands) {
        const std::string name = absl::StrCat(other->id, ":", command);
        StartPlan::CommandBefore& before = plan_.commands[name];
        before.target = other;
        before.command = command;
        before.dependents.push_back(service.id);
        task.depends_on.push_back(name);
      }
    }
  }

  // A command of a service runs once that is up; a package's once the services that the package
  // stands for are.
  void AddCommandTask(const std::string& name, const StartPlan::CommandBefore& command) {
    Task task{.name = name, .reason = absl::StrCat(command.dependents.front(), " needs it")};
    if (command.target->kind == TargetKind::kService) {
      task.depends_on.push_back(StartTask(command.target->id));
    } else {
      for (const std::string& id : through_[command.target->id]) {
        task.depends_on.push_back(StartTask(id));
      }
    }
    plan_.tasks.push_back(std::move(task));
  }

  const Project& project_;
  const bool with_dependencies_;
  std::vector<const Target*> pending_;  // Their dependencies are still to be added.
  absl::flat_hash_set<std::string> expanded_;
  DependencyGraph graph_;                                    // Of the ids of services and packages.
  std::map<std::string, std::vector<std::string>> through_;  // Services only: what waits for what.
  StartPlan plan_;
};

}  // namespace

absl::StatusOr<StartPlan> PlanStarts(const Project& project,
                                     const std::vector<const Target*>& services,
                                     bool with_dependencies) {
  return StartPlanner(project, with_dependencies).Plan(services);
}

}  // namespace nopo
