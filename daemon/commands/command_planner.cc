#include "daemon/commands/command_planner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "daemon/commands/task_directory.h"
#include "daemon/graph/dependency_graph.h"

namespace nopo {
namespace {

constexpr char kBuild[] = "build";  // The built-in that commands may depend on.

std::string TopLevel(const std::string& path) { return path.substr(0, path.find(':')); }

std::vector<const Command*> LeavesOf(const Command& command) {
  if (command.children.empty()) return {&command};
  std::vector<const Command*> leaves;
  for (const Command& child : command.children) {
    for (const Command* leaf : LeavesOf(child)) leaves.push_back(leaf);
  }
  return leaves;
}

std::string CommandsText(const Target& target) {
  const std::vector<std::string> paths = target.CommandPaths();
  if (paths.empty()) return "it has no commands";
  return absl::StrCat("its commands are: ", absl::StrJoin(paths, ", "));
}

// `run` with `arguments` as further words of its last line.
std::string WithArguments(absl::string_view run, const std::vector<std::string>& arguments) {
  std::string line(absl::StripTrailingAsciiWhitespace(run));
  for (const std::string& argument : arguments) absl::StrAppend(&line, " ", ShellQuote(argument));
  return line;
}

// A cycle of tasks of one command reads best as one of targets. Sub-commands of a target share its
// dependencies, so of a way that meets a target twice the part in between is a cycle as well.
std::string CommandCycleText(const std::vector<std::string>& cycle) {
  std::vector<std::string> targets;
  std::set<std::string> commands;
  bool closed = false;
  for (const std::string& name : cycle) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits(':', 1));
    commands.insert(TopLevel(parts.second));
    if (closed) continue;
    const auto seen = std::find(targets.begin(), targets.end(), parts.first);
    closed = seen != targets.end();
    if (closed) targets.erase(targets.begin(), seen);
    targets.push_back(parts.first);
  }
  return CycleText(commands.size() > 1 ? cycle : targets);
}

// The command that each target of a cycle runs, or the first of several.
std::string CommandOfCycle(const std::vector<std::string>& cycle) {
  return TopLevel(cycle.front().substr(cycle.front().find(':') + 1));
}

// Walks from the requested commands along their dependencies, then drops what was passed through.
class CommandGraph {
 public:
  CommandGraph(const Project& project, const CommandRequest& request)
      : project_(project), request_(request) {}

  absl::StatusOr<CommandPlan> Plan();
  absl::StatusOr<WantedCommandsPlan> PlanWanted(const std::vector<WantedCommand>& wanted);

 private:
  struct Node {
    const Target* target;
    std::string path;
    const Command* command;  // A leaf. Null: a build, or passed through for want of the command.
    bool build = false;
    bool requested = false;
  };

  absl::Status AddRequested();
  // The tasks of what is in the graph by now, and of all that these depend on.
  absl::StatusOr<CommandPlan> PlanFromHere();
  absl::Status AddDependenciesOf(const std::string& name, const Node& node);
  // Adds nodes for a command that another waits for; their names.
  absl::StatusOr<std::vector<std::string>> AddWanted(const WantedCommand& wanted,
                                                     bool may_pass_through);
  // Adds nodes for the leaves of `command`; their names.
  std::vector<std::string> AddLeaves(const Target& target, const Command& command, bool requested);
  void AddNode(const std::string& name, Node node);
  std::vector<Task> TasksWithoutPassedThrough() const;
  CommandTask TaskOf(const Node& node) const;

  const Project& project_;
  const CommandRequest& request_;
  DependencyGraph graph_;
  std::map<std::string, Node, std::less<>> nodes_;
  std::vector<std::string> pending_;  // Names of nodes whose dependencies are still to be added.
  absl::flat_hash_map<std::string, std::string> wanted_by_;  // Node to who waits, if no command.
};

absl::StatusOr<CommandPlan> CommandGraph::Plan() {
  NOPO_RETURN_IF_ERROR(AddRequested());
  return PlanFromHere();
}

absl::StatusOr<WantedCommandsPlan> CommandGraph::PlanWanted(
    const std::vector<WantedCommand>& wanted) {
  WantedCommandsPlan plan;
  for (const WantedCommand& command : wanted) {
    NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                          AddWanted(command, /*may_pass_through=*/false));
    for (const std::string& name : names) wanted_by_.try_emplace(name, command.dependent);
    plan.tasks_of[absl::StrCat(command.target, ":", command.command)] = names;
  }
  NOPO_ASSIGN_OR_RETURN(plan.commands, PlanFromHere());
  return plan;
}

absl::StatusOr<CommandPlan> CommandGraph::PlanFromHere() {
  while (!pending_.empty()) {
    const std::string name = std::move(pending_.back());
    pending_.pop_back();
    NOPO_RETURN_IF_ERROR(AddDependenciesOf(name, nodes_.at(name)));
  }
  if (const std::vector<std::string> cycle = graph_.FindCycle(); !cycle.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     absl::StrCat("dependency cycle of the command '", CommandOfCycle(cycle),
                                  "': ", CommandCycleText(cycle)),
                     {"cut it with the command's own `dependencies`; `{}` means none"});
  }
  CommandPlan result;
  NOPO_ASSIGN_OR_RETURN(result.plan, Plan::Create(TasksWithoutPassedThrough()));
  for (const auto& [name, node] : nodes_) {
    if (node.command != nullptr) result.tasks.emplace(name, TaskOf(node));
    if (node.build) result.builds.emplace(name, node.target->id);
  }
  return result;
}

absl::Status CommandGraph::AddRequested() {
  for (const Target* target : request_.targets) {
    const Command* command = target->FindCommand(request_.command);
    if (command != nullptr) {
      AddLeaves(*target, *command, true);
    } else if (request_.targets_named) {
      return MakeError(absl::StatusCode::kNotFound, Reason::kUnknownCommand,
                       absl::StrCat(target->id, " has no command '", request_.command, "'; ",
                                    CommandsText(*target)));
    }
  }
  return absl::OkStatus();
}

absl::Status CommandGraph::AddDependenciesOf(const std::string& name, const Node& node) {
  if (node.build) return absl::OkStatus();
  const std::string top = TopLevel(node.path);
  const Command* command = node.command == nullptr ? nullptr : node.target->FindCommand(top);
  const bool own = command != nullptr && command->dependencies.has_value();
  const std::string key =
      own ? absl::StrCat(CommandKey(*node.target, top), ".dependencies") : "dependencies";
  for (const Dependency& dependency : own ? *command->dependencies : node.target->dependencies) {
    WantedCommand wanted{.dependent = absl::StrCat("command '", top, "' of ", node.target->id),
                         .target = dependency.target,
                         .key = {dependency.location, key}};
    const bool same_command = dependency.commands.empty();
    for (const std::string& path : same_command ? std::vector{top} : dependency.commands) {
      wanted.command = path;
      NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            AddWanted(wanted, /*may_pass_through=*/same_command && !own));
      for (const std::string& other : names) graph_.AddDependency(name, other);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CommandGraph::AddWanted(const WantedCommand& wanted,
                                                                 bool may_pass_through) {
  const Target* other = project_.FindTarget(wanted.target);
  if (other == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     absl::StrCat(wanted.key.Prefix(), "unknown target '", wanted.target, "'",
                                  DidYouMean(wanted.target, project_.TargetIds())));
  }
  if (const Command* found = other->FindCommand(wanted.command); found != nullptr) {
    return AddLeaves(*other, *found, false);
  }
  const bool build =
      wanted.command == kBuild && (other->Buildable() || other->kind == TargetKind::kRoot);
  if (!build && !may_pass_through) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
        absl::StrCat(wanted.key.Prefix(), wanted.dependent, " depends on '", wanted.command,
                     "' of ", other->id, ", which has no such command; ", CommandsText(*other)));
  }
  const std::string name = absl::StrCat(other->id, ":", wanted.command);
  AddNode(name, {.target = other, .path = wanted.command, .command = nullptr, .build = build});
  return std::vector{name};
}

std::vector<std::string> CommandGraph::AddLeaves(const Target& target, const Command& command,
                                                 bool requested) {
  std::vector<std::string> names;
  for (const Command* leaf : LeavesOf(command)) {
    names.push_back(absl::StrCat(target.id, ":", leaf->path));
    AddNode(names.back(), {.target = &target, .path = leaf->path, .command = leaf});
    nodes_.at(names.back()).requested |= requested;
  }
  return names;
}

void CommandGraph::AddNode(const std::string& name, Node node) {
  if (!nodes_.emplace(name, std::move(node)).second) return;
  graph_.AddNode(name);
  pending_.push_back(name);
}

std::vector<Task> CommandGraph::TasksWithoutPassedThrough() const {
  const auto passes = [this](absl::string_view name) {
    const Node& node = nodes_.find(name)->second;
    return node.command == nullptr && !node.build;
  };
  std::vector<Task> tasks;
  absl::flat_hash_map<std::string, std::string> needed_by;
  for (auto&& [name, dependencies] : graph_.DependenciesThrough(passes)) {
    if (passes(name)) continue;
    for (const std::string& dependency : dependencies) needed_by.try_emplace(dependency, name);
    tasks.push_back({name, std::move(dependencies)});
  }
  for (Task& task : tasks) {
    const auto wanted = wanted_by_.find(task.name);
    const bool requested = nodes_.at(task.name).requested;
    const std::string& needer = wanted == wanted_by_.end() ? needed_by[task.name] : wanted->second;
    task.reason = requested ? "requested" : absl::StrCat(needer, " needs it");
  }
  return tasks;
}

CommandTask CommandGraph::TaskOf(const Node& node) const {
  CommandTask task{.target = node.target->id,
                   .command = node.path,
                   .run = node.command->run,
                   .context = request_.context,
                   .dir_key = node.command->dir_key,
                   .env = node.command->env,
                   .requested = node.requested};
  if (task.context == CommandContext::kUnset) task.context = node.command->context;
  if (task.context == CommandContext::kUnset) task.context = CommandContext::kHost;
  if (node.requested && !request_.arguments.empty()) {
    task.run = WithArguments(task.run, request_.arguments);
  }
  if (task.context == CommandContext::kHost) {
    task.dir = HostDirectory(project_, *node.target, node.command->dir);
  } else {
    task.mount_project = ContainerSeesProject(*node.target, node.command->dir);
    task.dir = ContainerDirectory(project_, *node.target, node.command->dir);
  }
  return task;
}

}  // namespace

absl::StatusOr<CommandPlan> PlanCommands(const Project& project, const CommandRequest& request) {
  return CommandGraph(project, request).Plan();
}

absl::StatusOr<WantedCommandsPlan> PlanWantedCommands(const Project& project,
                                                      const std::vector<WantedCommand>& wanted,
                                                      CommandContext context) {
  const CommandRequest request{.context = context};
  return CommandGraph(project, request).PlanWanted(wanted);
}

}  // namespace nopo
