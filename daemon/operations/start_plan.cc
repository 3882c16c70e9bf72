#include "daemon/operations/start_plan.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

std::string StartTask(const std::string& service) { return absl::StrCat(service, ":start"); }

// The services that `target` depends on at service level, looking through packages.
std::vector<std::string> ServiceLevelDependencies(const Project& project, const Target& target) {
  std::vector<std::string> services;
  std::set<const Target*> seen = {&target};
  std::deque<const Target*> open = {&target};
  while (!open.empty()) {
    const Target* next = open.front();
    open.pop_front();
    for (const Dependency& dependency : next->dependencies) {
      const Target* found = project.FindTarget(dependency.target);
      if (found == nullptr || !seen.insert(found).second) continue;
      if (found->kind == TargetKind::kService) services.push_back(found->id);
      if (found->kind == TargetKind::kPackage) open.push_back(found);
    }
  }
  return services;
}

// Everything that must have been started before `target`; what `infrastructure.depends_on` says of
// a service wins over the service level, which waits for health.
std::map<std::string, StartDependency> StartDependenciesOf(const Project& project,
                                                           const Target& target) {
  std::map<std::string, StartDependency> dependencies;
  for (const std::string& service : ServiceLevelDependencies(project, target)) {
    dependencies[service] = {.target = service};
  }
  for (const StartDependency& dependency : target.infrastructure.depends_on) {
    const Target* found = project.FindTarget(dependency.target);
    if (found != nullptr && found->kind == TargetKind::kService) {
      dependencies[found->id] = dependency;
    }
  }
  return dependencies;
}

class StartPlanner {
 public:
  StartPlanner(const Project& project, bool with_dependencies)
      : project_(project), with_dependencies_(with_dependencies) {}

  StartPlan Plan(const std::vector<const Target*>& services) {
    for (const Target* service : services) {
      plan_.starts[service->id] = {.service = service, .requested = true};
      open_.push_back(service);
    }
    while (with_dependencies_ && !open_.empty()) {
      const Target* next = open_.front();
      open_.pop_front();
      for (const auto& [id, dependency] : StartDependenciesOf(project_, *next)) Include(id);
    }
    for (const auto& [id, start] : plan_.starts) AddTask(*start.service);
    for (const auto& [task, command] : plan_.commands) {
      plan_.tasks.push_back({.name = task,
                             .depends_on = {StartTask(command.target->id)},
                             .reason = absl::StrCat(command.dependents.front(), " needs it")});
    }
    return std::move(plan_);
  }

 private:
  void Include(const std::string& id) {
    const Target* service = project_.FindTarget(id);
    if (plan_.starts.emplace(id, StartPlan::Start{.service = service}).second) {
      open_.push_back(service);
    }
  }

  void AddTask(const Target& service) {
    Task task{.name = StartTask(service.id), .waits = true};
    const bool requested = plan_.starts[service.id].requested;
    task.reason = requested ? "requested" : "needed by a requested service";
    for (const auto& [id, dependency] : StartDependenciesOf(project_, service)) {
      const auto found = plan_.starts.find(id);
      if (found == plan_.starts.end()) continue;
      task.depends_on.push_back(StartTask(id));
      if (dependency.condition == DependencyCondition::kStarted) {
        task.after_under_way.push_back(StartTask(id));
      }
      std::optional<DependencyCondition>& awaited = found->second.awaited;
      awaited = std::max(awaited.value_or(dependency.condition), dependency.condition);
      for (const std::string& command : dependency.commands) {
        task.depends_on.push_back(AddCommand(*found->second.service, command, service.id));
      }
    }
    plan_.tasks.push_back(std::move(task));
  }

  std::string AddCommand(const Target& target, const std::string& command,
                         const std::string& dependent) {
    const std::string task = absl::StrCat(target.id, ":", command);
    StartPlan::CommandBefore& before = plan_.commands[task];
    before.target = &target;
    before.command = command;
    before.dependents.push_back(dependent);
    return task;
  }

  const Project& project_;
  const bool with_dependencies_;
  std::deque<const Target*> open_;
  StartPlan plan_;
};

}  // namespace

StartPlan PlanStarts(const Project& project, const std::vector<const Target*>& services,
                     bool with_dependencies) {
  return StartPlanner(project, with_dependencies).Plan(services);
}

}  // namespace nopo
