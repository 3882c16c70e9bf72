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

std::string BuildTaskOf(absl::string_view id) { return absl::StrCat(id, ":", kBuild); }

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

// The commands that come before the build of `target`. A `build` of what has none is left to
// whoever looks for these commands, as one that is missing.
std::vector<Dependency> PriorCommands(const Project& project, const Target& target) {
  std::vector<Dependency> priors;
  if (!target.build.has_value()) return priors;
  for (Dependency dependency : target.build->depends_on) {
    const Target& other = *project.FindTarget(dependency.target);
    if (other.Buildable() || other.kind == TargetKind::kRoot) {
      std::erase(dependency.commands, kBuild);
    }
    if (!dependency.commands.empty()) priors.push_back(std::move(dependency));
  }
  return priors;
}

PackageBuild PackageBuildOf(const Project& project, const Target& package) {
  const BuildSettings& build = *package.build;
  PackageBuild result{.target = package.id,
                      .command = build.command,
                      .dir = build.working_dir.empty()
                                 ? package.dir
                                 : (project.root / build.working_dir).lexically_normal(),
                      .dir_key = build.working_dir_key,
                      .env = build.env,
                      .package_dir = package.dir};
  for (const std::string& output : build.output) {
    result.outputs.push_back((result.dir / output).lexically_normal());
  }
  return result;
}

absl::Status CheckForCycle(const DependencyGraph& graph) {
  const std::vector<std::string> cycle = graph.FindCycle();
  if (cycle.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrCat("what is built depends on itself: ", CycleText(cycle)));
}

class Planner {
 public:
  // Without `names` Dockerfiles are not read.
  Planner(const Project& project, const ImageNames* names, const BuildPlanOptions& options)
      : project_(project), names_(names), options_(options) {}

  absl::StatusOr<BuildPlan> Run(const std::vector<const Target*>& targets) {
    for (const Target* target : targets) NOPO_RETURN_IF_ERROR(Request(*target));
    for (const auto& [id, reason] : options_.needed) {
      const bool is_base = id == project_.root_name;
      const Target& target = is_base ? project_.root_target : *project_.FindTarget(id);
      if (target.image.empty()) NOPO_RETURN_IF_ERROR(AddToGraph(target));
    }
    NOPO_RETURN_IF_ERROR(CheckForCycle(graph_));
    for (const std::string& id : graph_.TopologicalOrder()) {
      NOPO_RETURN_IF_ERROR(AddBuild(*project_.FindTarget(id)));
    }
    AddTasks();
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
      if (target.kind == TargetKind::kRoot) NOPO_RETURN_IF_ERROR(CheckRootName());
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

  // Adds what `target` is made by, if by anything of its own, and the base image if it stands on
  // it.
  absl::Status AddBuild(const Target& target) {
    if (names_ == nullptr) return OutlineBuild(target);
    if (target.kind == TargetKind::kRoot) return AddBaseImage();
    if (RunsOnBaseImage(target)) return StandOnBaseImage(target);
    const std::string task = BuildTaskOf(target.id);
    if (HasOwnImage(target)) {
      NOPO_ASSIGN_OR_RETURN(
          ImageBuild build,
          ServiceImageBuild(project_, target, *names_, options_.build_args, StageFor(target.id)));
      const auto& images = build.base_images;
      if (std::find(images.begin(), images.end(), names_->base) != images.end()) {
        NOPO_RETURN_IF_ERROR(StandOnBaseImage(target));
      }
      plan_.builds.emplace(task, std::move(build));
    } else if (IsBuiltPackage(target)) {
      plan_.builds.emplace(task, PackageBuildOf(project_, target));
    } else {
      return absl::OkStatus();
    }
    AddPriorCommands(target);
    return absl::OkStatus();
  }

  absl::Status OutlineBuild(const Target& target) {
    if (!HasOwnImage(target) && !IsBuiltPackage(target)) return absl::OkStatus();
    plan_.builds.emplace(BuildTaskOf(target.id), ImageBuild{.target = target.id});
    AddPriorCommands(target);
    return absl::OkStatus();
  }

  void AddPriorCommands(const Target& target) {
    if (std::vector<Dependency> commands = PriorCommands(project_, target); !commands.empty()) {
      plan_.prior_commands[BuildTaskOf(target.id)] = std::move(commands);
    }
  }

  // The base image's task has the root's name, which a target may have where the root has no
  // commands: only one of them can be in a plan.
  absl::Status CheckRootName() const {
    const Target& named = *project_.FindTarget(project_.root_name);
    if (named.kind == TargetKind::kRoot) return absl::OkStatus();
    return MakeError(
        absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
        absl::StrCat(named.location.ToString(), ": found the target '", named.id,
                     "', named like the base image; expected another name for one of them"),
        {"set root_name in the project's nopo.yml, or rename the directory"});
  }

  absl::Status StandOnBaseImage(const Target& target) {
    NOPO_RETURN_IF_ERROR(CheckRootName());
    graph_.AddDependency(target.id, project_.root_name);
    return AddBaseImage();
  }

  absl::Status AddBaseImage() {
    const std::string task = BuildTaskOf(project_.root_name);
    if (plan_.builds.contains(task)) return absl::OkStatus();
    NOPO_ASSIGN_OR_RETURN(ImageBuild build, BaseImageBuild(project_, *names_, options_.build_args,
                                                           StageFor(project_.root_name)));
    plan_.builds.emplace(task, std::move(build));
    return absl::OkStatus();
  }

  StageRequest StageFor(const std::string& id) const {
    return {options_.target_stage,
            !options_.target_stage.empty() && options_.explicit_targets && requested_.contains(id)};
  }

  // A target without a build of its own stands for those it depends on.
  void AddTasks() {
    const auto is_built = [this](absl::string_view id) {
      return plan_.builds.contains(BuildTaskOf(id));
    };
    std::map<std::string, std::string> needed_by;  // Target ids.
    const auto through = graph_.DependenciesThrough([&](auto id) { return !is_built(id); });
    for (const auto& [id, dependencies] : through) {
      const bool counts = is_built(id) || requested_.contains(id) || options_.needed.contains(id) ||
                          RunsOnBaseImage(*project_.FindTarget(id));
      if (!counts) continue;
      for (const std::string& dependency : dependencies) needed_by.try_emplace(dependency, id);
    }
    for (const auto& [id, dependencies] : through) {
      if (!is_built(id)) continue;
      Task task{.name = BuildTaskOf(id), .reason = "requested"};
      for (const std::string& dependency : dependencies) {
        task.depends_on.push_back(BuildTaskOf(dependency));
      }
      const auto needed = options_.needed.find(id);
      if (!requested_.contains(id) && needed_by.contains(id)) {
        task.reason = absl::StrCat(
            needed_by[id], id == project_.root_name ? " stands on it" : " is built from it");
      } else if (!requested_.contains(id) && needed != options_.needed.end()) {
        task.reason = needed->second;
      }
      plan_.tasks.push_back(std::move(task));
    }
  }

  const Project& project_;
  const ImageNames* const names_;
  const BuildPlanOptions& options_;
  std::set<std::string> requested_;  // Target ids.
  std::set<std::string> in_graph_;   // Target ids.
  DependencyGraph graph_;            // Of target ids.
  BuildPlan plan_;
};

}  // namespace

absl::StatusOr<BuildPlan> PlanBuild(const Project& project,
                                    const std::vector<const Target*>& targets,
                                    const ImageNames& names, const BuildPlanOptions& options) {
  return Planner(project, &names, options).Run(targets);
}

absl::StatusOr<BuildPlan> OutlineBuild(const Project& project,
                                       const std::vector<const Target*>& targets) {
  return Planner(project, nullptr, {}).Run(targets);
}

}  // namespace nopo
