// Which services a request starts, and in which order. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/commands/command_planner.h"
#include "daemon/graph/plan.h"
#include "daemon/project/project.h"

namespace nopo {

struct StartPlan {
  struct Start {
    const Target* service = nullptr;
    bool requested = false;  // Else only because another one needs it.
    // What other services of the plan wait for before they start; unset if none does.
    std::optional<DependencyCondition> awaited;
  };
  std::map<std::string, Start> starts;  // By target id.
  // A command that runs in containers between two starts: `depends_on: {db: [migrate]}`.
  struct CommandBefore {
    WantedCommand wanted;                 // Of db: "migrate".
    std::vector<std::string> dependents;  // Ids of the services that wait for it.
    std::vector<std::string> after;       // Start tasks that it waits for.
    // Ids of the services that are up by then: db's and those that it needs.
    std::set<std::string> up;
  };
  std::map<std::string, CommandBefore> commands;  // By target and path: "db:migrate".
  std::vector<Task> tasks;                        // "web:start"; without the commands.
};

// The start tasks of `services`, and with `with_dependencies` of everything they need. Packages are
// passed through: what they depend on comes first. What `infrastructure.depends_on` says of a
// service wins over the service level, which waits for health.
//
// Errors: FAILED_PRECONDITION (CONFIGURATION) for a cycle, also through packages.
absl::StatusOr<StartPlan> PlanStarts(const Project& project,
                                     const std::vector<const Target*>& services,
                                     bool with_dependencies);

// The commands that run between the starts of `plan`, in their order.
std::vector<WantedCommand> CommandsBetween(const StartPlan& plan);

}  // namespace nopo
