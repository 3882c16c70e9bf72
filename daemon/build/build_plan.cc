#include "daemon/build/build_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/image_recipe.h"
#include "daemon/graph/dependency_graph.h"

namespace nopo {
namespace {

constexpr char kBuild[] = "build";

bool HasCommand(const Target& target) {
  return target.build.has_value() && !target.build->command.empty();
}
bool HasOwnImage(const Target& target) {
  return target.image.empty() && target.kind != TargetKind::kRoot &&
         (!target.dockerfile.empty() ||
          (target.kind == TargetKind::kService && HasCommand(target)));
}
bool IsBuiltPackage(const Target& target) {
  return target.kind == TargetKind::kPackage && target.dockerfile.empty() && HasCommand(target);
}
// A service with nothing to build runs on the base image itself.
bool RunsOnBaseImage(const Target& target) {
  return target.kind == TargetKind::kService && target.image.empty() && !HasOwnImage(target);
}

bool WantsBuild(const Dependency& dependency) {
  const auto& commands = dependency.commands;
  return commands.empty() || std::find(commands.begin(), commands.end(), kBuild) != commands.end();
}

// The targets that `target` is built from.
std::vector<std::string> BuildDependencies(const Target& target) {
  std::vector<std::string> names;
  for (const Dependency& dependency : target.dependencies) names.push_back(dependency.target);
  if (!target.build.has_value()) return names;
  for (const Dependency& dependency : target.build->depends_on) {
    if (WantsBuild(dependency)) names.push_back(dependency.target);
  }
  return names;
}

std::vector<std::string> PriorCommands(const Target& target) {
  std::vector<std::string> commands;
  if (!target.build.has_value()) return commands;
  for (const Dependency& dependency : target.build->depends_on) {
    for (const std::string& command : dependency.commands) {
      if (command != kBuild) commands.push_back(absl::StrCat(dependency.target, ":", command));
    }
  }
  return commands;
}

PackageBuild PackageBuildOf(const Project& project, const Target& package) {
  const BuildSettings& build = *package.build;
  PackageBuild result{.target = package.id,
                      .command = build.command,
                      .dir = build.working_dir.empty()
                                 ? package.dir
                                 : (project.root / build.working_dir).lexically_normal(),
                      .env = build.env,
                      .package_dir = package.dir};
  for (const std::string& output : build.output) {
    result.outputs.push_back((result.dir / output).lexically_normal());
  }
  return result;
}

class Planner {
 public:
  Planner(const Project& project, const ImageNames& names, const BuildPlanOptions& options)
      : project_(project), names_(names), options_(options) {}

  absl::StatusOr<BuildPlan> Run(const std::vector<const Target*>& targets) {
    for (const Target* target : targets) NOPO_RETURN_IF_ERROR(Request(*target));
    if (const std::vector<std::string> cycle = graph_.FindCycle(); !cycle.empty()) {
      return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                       absl::StrCat("what is built depends on itself: ", CycleText(cycle)));
    }
    for (const std::string& id : graph_.TopologicalOrder()) {
      NOPO_RETURN_IF_ERROR(Add(*project_.FindTarget(id)));
    }
    SetReasons();
    return std::move(plan_);
  }

 private:
  absl::Status Request(const Target& target) {
    if (!target.image.empty()) return absl::OkStatus();
    if (options_.explicit_targets && target.kind == TargetKind::kPackage &&
        target.dockerfile.empty() && !HasCommand(target)) {
      return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                       absl::StrCat(target.id, " has nothing to build"),
                       {absl::StrCat("give it a build.command in ", target.location.file)});
    }
    requested_.insert(target.id);
    return AddToGraph(target);
  }

  // Adds `first` and what it is built from, without recursion: chains may be long.
  absl::Status AddToGraph(const Target& first) {
    std::vector<const Target*> pending = {&first};
    while (!pending.empty()) {
      const Target& target = *pending.back();
      pending.pop_back();
      if (!in_graph_.insert(target.id).second) continue;
      graph_.AddNode(target.id);
      for (const std::string& name : BuildDependencies(target)) {
        const Target* dependency = project_.FindTarget(name);
        if (dependency == nullptr) {
          return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                           absl::StrCat(target.id, " depends on ", name, ", which does not exist"));
        }
        graph_.AddDependency(target.id, dependency->id);
        pending.push_back(dependency);
      }
    }
    return absl::OkStatus();
  }

  // Adds the tasks of `target`, whose dependencies were added before.
  absl::Status Add(const Target& target) {
    std::set<std::string> needs;
    for (const std::string& dependency : graph_.DependenciesOf(target.id)) {
      needs.insert(tasks_of_[dependency].begin(), tasks_of_[dependency].end());
    }
    std::set<std::string>& tasks = tasks_of_[target.id];
    if (target.kind == TargetKind::kRoot || RunsOnBaseImage(target)) {
      NOPO_ASSIGN_OR_RETURN(const std::string base, NeedBaseImage());
      tasks = needs;
      tasks.insert(base);
    } else if (HasOwnImage(target)) {
      NOPO_ASSIGN_OR_RETURN(
          ImageBuild build,
          ServiceImageBuild(project_, target, names_, options_.build_args, StageFor(target.id)));
      const auto& images = build.base_images;
      if (std::find(images.begin(), images.end(), names_.base) != images.end()) {
        NOPO_ASSIGN_OR_RETURN(const std::string base, NeedBaseImage());
        needs.insert(base);
      }
      tasks = {AddTask(target, std::move(build), needs)};
    } else if (IsBuiltPackage(target)) {
      tasks = {AddTask(target, PackageBuildOf(project_, target), needs)};
    } else {
      tasks = needs;
    }
    if (tasks != needs || requested_.contains(target.id)) {
      NoteNeeds(target.id, tasks);
      NoteNeeds(target.id, needs);
    }
    return absl::OkStatus();
  }

  std::string AddTask(const Target& target, BuildTask build, const std::set<std::string>& needs) {
    std::string name = absl::StrCat(target.id, ":", kBuild);
    plan_.tasks.push_back({.name = name, .depends_on = {needs.begin(), needs.end()}});
    plan_.builds.emplace(name, std::move(build));
    if (std::vector<std::string> commands = PriorCommands(target); !commands.empty()) {
      plan_.prior_commands[name] = std::move(commands);
    }
    return name;
  }

  // Adds the base image's task unless it is there; its name.
  absl::StatusOr<std::string> NeedBaseImage() {
    std::string name = absl::StrCat(project_.root_name, ":", kBuild);
    if (plan_.builds.contains(name)) return name;
    NOPO_ASSIGN_OR_RETURN(ImageBuild build, BaseImageBuild(project_, names_, options_.build_args,
                                                           StageFor(project_.root_name)));
    plan_.tasks.push_back({.name = name});
    plan_.builds.emplace(name, std::move(build));
    return name;
  }

  StageRequest StageFor(const std::string& id) const {
    return {options_.target_stage,
            !options_.target_stage.empty() && options_.explicit_targets && requested_.contains(id)};
  }

  // Remembers on whose account `tasks` are in the plan.
  void NoteNeeds(const std::string& id, const std::set<std::string>& tasks) {
    for (const std::string& task : tasks) {
      if (task != absl::StrCat(id, ":", kBuild)) needed_by_[task].insert(id);
    }
  }

  void SetReasons() {
    const std::string base = absl::StrCat(project_.root_name, ":", kBuild);
    for (Task& task : plan_.tasks) {
      const std::string id = task.name.substr(0, task.name.size() - sizeof(kBuild));
      if (requested_.contains(id)) {
        task.reason = "requested";
      } else {
        task.reason = absl::StrCat(*needed_by_[task.name].begin(),
                                   task.name == base ? " stands on it" : " is built from it");
      }
    }
  }

  const Project& project_;
  const ImageNames& names_;
  const BuildPlanOptions& options_;
  std::set<std::string> requested_;  // Target ids.
  std::set<std::string> in_graph_;   // Target ids.
  DependencyGraph graph_;            // Of target ids.
  // What has to be done before a target counts as built: its own task or those of its dependencies.
  std::map<std::string, std::set<std::string>> tasks_of_;
  std::map<std::string, std::set<std::string>> needed_by_;  // Task -> target ids.
  BuildPlan plan_;
};

}  // namespace

absl::StatusOr<BuildPlan> PlanBuild(const Project& project,
                                    const std::vector<const Target*>& targets,
                                    const ImageNames& names, const BuildPlanOptions& options) {
  return Planner(project, names, options).Run(targets);
}

}  // namespace nopo
