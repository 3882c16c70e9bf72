#include "daemon/operations/plan_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "daemon/commands/command_planner.h"
#include "daemon/graph/dependency_graph.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/start_plan.h"

namespace nopo {
namespace {

std::vector<const Target*> TargetsWithRoot(const Project& project) {
  std::vector<const Target*> targets;
  for (const Target& target : project.targets) targets.push_back(&target);
  targets.push_back(&project.root_target);
  return targets;
}

std::vector<std::string> ServiceLevelCycle(const Project& project) {
  DependencyGraph graph;
  for (const Target& target : project.targets) {
    for (const Dependency& dependency : target.dependencies) {
      graph.AddDependency(target.id, dependency.target);
    }
  }
  return graph.FindCycle();
}

// "apps/api/nopo.yml:2:16: dependencies: found the cycle api -> web -> api; ...", at the edge that
// the cycle starts with.
std::string ServiceLevelMistake(const Project& project, const std::vector<std::string>& cycle) {
  const Target& first = *project.FindTarget(cycle[0]);
  const auto edge =
      std::find_if(first.dependencies.begin(), first.dependencies.end(),
                   [&](const Dependency& dependency) { return dependency.target == cycle[1]; });
  return absl::StrCat(edge->location.ToString(), ": dependencies: found the cycle ",
                      CycleText(cycle), "; expected an order");
}

std::set<std::string> CommandNames(const Project& project) {
  std::set<std::string> names;
  for (const Target* target : TargetsWithRoot(project)) {
    for (const Command& command : target->commands) names.insert(command.name);
  }
  return names;
}

// What keeps the commands, the builds and the starts from being planned, in this order.
std::vector<absl::Status> PlanAll(const Project& project) {
  std::vector<absl::Status> outcomes;
  for (const std::string& command : CommandNames(project)) {
    outcomes.push_back(
        PlanCommands(project, {.command = command, .targets = TargetsWithRoot(project)}).status());
  }
  outcomes.push_back(CheckBuilds(project));
  std::vector<const Target*> services;
  for (const Target& target : project.targets) {
    if (target.kind == TargetKind::kService) services.push_back(&target);
  }
  const absl::StatusOr<StartPlan> starts =
      PlanStarts(project, services, /*with_dependencies=*/true);
  outcomes.push_back(starts.status());
  if (starts.ok()) {
    outcomes.push_back(
        PlanWantedCommands(project, CommandsBetween(*starts), CommandContext::kContainer).status());
  }
  return outcomes;
}

}  // namespace

absl::Status CheckPlans(const Project& project) {
  std::vector<std::string> mistakes;
  const std::vector<std::string> cycle = ServiceLevelCycle(project);
  const std::string cycle_text = CycleText(cycle);
  if (!cycle.empty()) mistakes.push_back(ServiceLevelMistake(project, cycle));
  for (const absl::Status& outcome : PlanAll(project)) {
    // Whatever follows the service level runs into its cycle as well.
    const bool known = !cycle.empty() && absl::EndsWith(outcome.message(), cycle_text);
    std::string message(outcome.message());
    if (outcome.ok() || known ||
        std::find(mistakes.begin(), mistakes.end(), message) != mistakes.end()) {
      continue;
    }
    mistakes.push_back(std::move(message));
  }
  if (mistakes.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrJoin(mistakes, "\n"));
}

}  // namespace nopo
