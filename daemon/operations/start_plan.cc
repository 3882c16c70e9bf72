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

constexpr char kDependsOn[] = "infrastructure.depends_on";

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

// Where `id` names `other` as what it starts after: "apps/a/nopo.yml:1:30: dependencies: ".
std::string PlaceOf(const Project& project, const std::string& id, const std::string& other) {
  const Target& target = *project.FindTarget(id);
  if (const StartDependency* own = OwnWord(project, target, other)) {
    return ConfigKey{own->location, kDependsOn}.Prefix();
  }
  for (const Dependency& dependency : target.dependencies) {
    if (dependency.target == other) return ConfigKey{dependency.location, "dependencies"}.Prefix();
  }
  return "";
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
                       absl::StrCat(PlaceOf(project_, cycle[0], cycle[1]),
                                    "what is started depends on itself: ", CycleText(cycle)));
    }
    through_ = graph_.DependenciesThrough(
        [this](absl::string_view id) { return !plan_.starts.contains(std::string(id)); });
    for (const auto& [id, start] : plan_.starts) AddTask(*start.service);
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
    AddCommands(service);
    plan_.tasks.push_back(std::move(task));
  }

  // The commands of others that `service` waits for, as far as these others are in the plan.
  void AddCommands(const Target& service) {
    for (const StartDependency& dependency : service.infrastructure.depends_on) {
      const Target* other = project_.FindTarget(dependency.target);
      if (other == nullptr || !graph_.Contains(other->id)) continue;
      for (const std::string& command : dependency.commands) {
        StartPlan::CommandBefore& before = plan_.commands[absl::StrCat(other->id, ":", command)];
        before.dependents.push_back(service.id);
        if (before.dependents.size() > 1) continue;
        before.wanted = {
            StartTask(service.id), other->id, command, {dependency.location, kDependsOn}};
        before.after = StartsBefore(*other);
        for (const std::string& id : graph_.ReachableFrom({other->id})) {
          if (plan_.starts.contains(id)) before.up.insert(id);
        }
      }
    }
  }

  // A command of a service runs once that is up; a package's once the services that the package
  // stands for are.
  std::vector<std::string> StartsBefore(const Target& target) const {
    if (target.kind == TargetKind::kService) return {StartTask(target.id)};
    std::vector<std::string> tasks;
    for (const std::string& id : through_.at(target.id)) tasks.push_back(StartTask(id));
    return tasks;
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

std::vector<WantedCommand> CommandsBetween(const StartPlan& plan) {
  std::vector<WantedCommand> wanted;
  for (const auto& [name, command] : plan.commands) wanted.push_back(command.wanted);
  return wanted;
}

}  // namespace nopo
