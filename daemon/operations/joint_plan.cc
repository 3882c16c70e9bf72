#include "daemon/operations/joint_plan.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

using BuildPlanner = std::function<absl::StatusOr<BuildPlan>(const JointRequest& request)>;

std::string BuildTaskOf(absl::string_view id) { return absl::StrCat(id, ":build"); }

std::vector<WantedCommand> CommandsBefore(const BuildPlan& plan) {
  std::vector<WantedCommand> wanted;
  for (const auto& [task, dependencies] : plan.prior_commands) {
    for (const Dependency& dependency : dependencies) {
      for (const std::string& command : dependency.commands) {
        wanted.push_back(
            {task, dependency.target, command, {dependency.location, "build.depends_on"}});
      }
    }
  }
  return wanted;
}

class JointPlanner {
 public:
  JointPlanner(const Project& project, BuildPlanner plan_builds, JointRequest request)
      : project_(project), plan_builds_(std::move(plan_builds)), request_(std::move(request)) {}

  absl::StatusOr<JointPlan> Run() {
    NeedBuildsOf(request_.commands);
    // Each turn finds builds that the commands of the turn before need; there are finitely many.
    for (size_t known = -1; known != request_.build_options.needed.size();) {
      known = request_.build_options.needed.size();
      NOPO_ASSIGN_OR_RETURN(build_, plan_builds_(request_));
      NOPO_ASSIGN_OR_RETURN(
          prior_, PlanWantedCommands(project_, CommandsBefore(build_), CommandContext::kUnset));
      NeedBuildsOf(prior_.commands);
    }
    AddBuilds();
    AddCommands(request_.commands);
    AddCommands(prior_.commands);
    for (const auto& [name, task] : prior_.commands.tasks) plan_.commands_of_builds.insert(name);
    plan_.builds = std::move(build_.builds);
    return std::move(plan_);
  }

 private:
  void NeedBuildsOf(const CommandPlan& commands) {
    std::map<std::string, std::string>& needed = request_.build_options.needed;
    for (const auto& [task, id] : commands.builds) {
      needed.try_emplace(id, commands.plan.Find(task)->reason);
    }
    if (!request_.build_images_of_commands) return;
    for (const auto& [name, task] : commands.tasks) {
      if (task.context == CommandContext::kContainer) {
        needed.try_emplace(ImageOwner(task), absl::StrCat(name, " runs in it"));
      }
    }
  }

  // Whose image a task in a container has.
  const std::string& ImageOwner(const CommandTask& task) const {
    const bool own = project_.FindTarget(task.target)->kind == TargetKind::kService;
    return own ? task.target : project_.root_name;
  }

  // Of the image of `id` in this plan; empty when nothing is built for it.
  std::vector<std::string> BuildsFor(const std::string& id) const {
    if (!project_.FindTarget(id)->image.empty()) return {};
    for (const std::string& task : {BuildTaskOf(id), BuildTaskOf(project_.root_name)}) {
      if (build_.builds.contains(task)) return {task};
    }
    return {};
  }

  void AddBuilds() {
    for (Task& task : build_.tasks) {
      for (const Dependency& dependency : build_.prior_commands[task.name]) {
        for (const std::string& command : dependency.commands) {
          Append(prior_.tasks_of.at(absl::StrCat(dependency.target, ":", command)), task);
        }
      }
      plan_.tasks.push_back(std::move(task));
    }
  }

  void AddCommands(const CommandPlan& commands) {
    for (const Task& planned : commands.plan.tasks()) {
      const auto found = commands.tasks.find(planned.name);
      if (found == commands.tasks.end()) continue;  // A build.
      if (!plan_.commands.emplace(planned.name, found->second).second) continue;
      Task task = planned;
      task.depends_on.clear();
      for (const std::string& dependency : planned.depends_on) {
        const auto build = commands.builds.find(dependency);
        Append(build == commands.builds.end() ? std::vector{dependency} : BuildsFor(build->second),
               task);
      }
      if (found->second.context == CommandContext::kContainer) {
        Append(BuildsFor(ImageOwner(found->second)), task);
      }
      plan_.tasks.push_back(std::move(task));
    }
  }

  static void Append(const std::vector<std::string>& names, Task& task) {
    task.depends_on.insert(task.depends_on.end(), names.begin(), names.end());
  }

  const Project& project_;
  const BuildPlanner plan_builds_;
  JointRequest request_;
  BuildPlan build_;
  WantedCommandsPlan prior_;
  JointPlan plan_;
};

}  // namespace

absl::StatusOr<JointPlan> PlanJointly(const Project& project, const ImageNames& names,
                                      JointRequest request) {
  const auto plan_builds = [&](const JointRequest& now) {
    return PlanBuild(project, now.builds, names, now.build_options);
  };
  return JointPlanner(project, plan_builds, std::move(request)).Run();
}

absl::Status CheckBuilds(const Project& project) {
  JointRequest request;
  for (const Target& target : project.targets) request.builds.push_back(&target);
  const auto plan_builds = [&](const JointRequest& now) {
    return OutlineBuild(project, now.builds);
  };
  NOPO_ASSIGN_OR_RETURN(JointPlan plan,
                        JointPlanner(project, plan_builds, std::move(request)).Run());
  return Plan::Create(std::move(plan.tasks)).status();
}

}  // namespace nopo
