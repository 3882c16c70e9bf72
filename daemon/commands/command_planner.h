// Plans `nopo CMD` and `nopo run CMD`: which commands of which targets run, after what, where.
//
// Pure: from a project and a request to data; what runs a task is host_process.h or
// container_task.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/graph/plan.h"
#include "daemon/project/project.h"

namespace nopo {

struct CommandRequest {
  std::string command;                 // Path: "lint", "check:py"; see SplitCommandLine.
  std::vector<const Target*> targets;  // Selected, of the project that is planned for.
  bool targets_named = false;          // By the user, so each of them must have the command.
  // Where every task runs, dependencies included. Unset: where its command says, else on the host.
  // `nopo run` sets kContainer.
  CommandContext context = CommandContext::kUnset;
  std::vector<std::string> arguments;  // What followed `--`; for the requested targets only.
};

// One command of one target, ready to run.
struct CommandTask {
  std::string target;   // Id.
  std::string command;  // Path: "check:py".
  std::string run;      // Shell command line, the request's arguments quoted and appended.
  CommandContext context = CommandContext::kHost;  // kHost or kContainer.
  // kHost: absolute. kContainer: the container's path, "" for the image's own working directory
  // where nopo.yml does not tell it.
  std::string dir;
  // kContainer: the project's root is mounted (task_directory.h says when). A service's task sees
  // its image's own files instead, unless its `dir` is one of the project.
  bool mount_project = false;
  ConfigKey dir_key;       // Where nopo.yml says so.
  EnvironmentMap env;      // The command's own.
  bool requested = false;  // Not only a dependency.
};

struct CommandPlan {
  Plan plan;                                 // Of the names in `tasks` and `builds`.
  std::map<std::string, CommandTask> tasks;  // By name: "web:check:py".
  // Builds that a command's `dependencies: {shared: [build]}` asks for: task name ("shared:build")
  // to target id. What a build itself stands on is not in `plan`: that is the build planner's.
  std::map<std::string, std::string> builds;
};

// A command of another target that a build or a start waits for.
struct WantedCommand {
  std::string dependent;  // Who waits, for messages: "the build of web".
  std::string target;
  std::string command;  // Path; may have sub-commands.
  ConfigKey key;        // Where it is asked for.
};

struct WantedCommandsPlan {
  CommandPlan commands;
  // By target and path ("db:migrate"): the tasks that it is, several for one with sub-commands.
  std::map<std::string, std::vector<std::string>> tasks_of;
};

// A command with sub-commands becomes all of its leaves, in parallel; a sub-command has its
// top-level command's dependencies, and these mean the whole command of the other target. A
// service-level dependency that lacks the command is passed through: its own dependencies take its
// place. Without named targets, those that lack the command are left out; the plan may then be
// empty.
//
// Errors:
//   NOT_FOUND (UNKNOWN_COMMAND)          a named target lacks the command; lists those it has
//   FAILED_PRECONDITION (CONFIGURATION)  a cycle, printed in order; or a command's own
//   `dependencies`
//                                        name a command that the other target lacks
absl::StatusOr<CommandPlan> PlanCommands(const Project& project, const CommandRequest& request);

// `wanted` with all that these commands depend on, as PlanCommands does it; none of the tasks is a
// requested one. `context` as CommandRequest::context.
//
// Errors: FAILED_PRECONDITION (CONFIGURATION) as PlanCommands, and for a command that is not there.
absl::StatusOr<WantedCommandsPlan> PlanWantedCommands(const Project& project,
                                                      const std::vector<WantedCommand>& wanted,
                                                      CommandContext context);

}  // namespace nopo
