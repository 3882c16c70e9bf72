#include "daemon/operations/build_tasks.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/build/package_skip.h"
#include "daemon/commands/host_process.h"

namespace nopo {
namespace {

TaskListing ListingOf(const ImageBuild& build) {
  return {.target = build.target,
          .command = "build",
          .run = absl::StrCat("build ", build.tag),
          .in_container = true,
          .dir = build.context_dir.string()};
}

TaskListing ListingOf(const PackageBuild& build) {
  return {.target = build.target,
          .command = "build",
          .run = build.command,
          .dir = build.dir.string(),
          .env = build.env};
}

}  // namespace

EnvironmentMap WithDefaults(EnvironmentMap base, const EnvironmentMap& added) {
  base.insert(added.begin(), added.end());
  return base;
}

BuildTasks::BuildTasks(const Workspace& workspace, const OpenedProject& opened,
                       const Caller& caller, EngineSession* session,
                       const ImageBuildOptions& options)
    : workspace_(workspace),
      opened_(opened),
      caller_(caller),
      session_(session),
      options_(options),
      scope_(session == nullptr ? "" : LedgerScope(*opened.project, *session)) {}

void BuildTasks::AddTo(PlannedWork& work, const BuildPlan& plan) {
  for (const Task& task : plan.tasks) {
    const BuildTask& build = plan.builds.at(task.name);
    work.tasks.push_back(task);
    work.listings[task.name] =
        std::visit([](const auto& specific) { return ListingOf(specific); }, build);
    if (const auto* image = std::get_if<ImageBuild>(&build)) {
      work.bodies[task.name] = [this, name = task.name,
                                image = *image](const TaskContext& context) {
        return BuildImage(name, image, context);
      };
    } else {
      package_dependencies_[task.name] = task.depends_on;
      work.bodies[task.name] = [this, name = task.name, package = std::get<PackageBuild>(build)](
                                   const TaskContext& context) {
        return BuildPackage(name, package, context);
      };
    }
  }
}

std::vector<BuiltImage> BuildTasks::built() const {
  MutexLock lock(mutex_);
  return built_;
}

TaskResult BuildTasks::BuildImage(const std::string& task, const ImageBuild& build,
                                  const TaskContext& context) {
  ImageBuilder builder(session_->buildkit, workspace_.ledger, scope_,
                       [&](absl::string_view reference) -> absl::StatusOr<std::string> {
                         NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                                               session_->mirror.Snapshot(context.cancellation));
                         return snapshot->ImageId(reference);
                       });
  BuiltImage built;
  TaskResult result =
      builder.Build(task, build, options_, context.events, context.cancellation, built);
  if (!result.up_to_date) session_->mirror.InvalidateImages();
  if (result.status.ok()) {
    MutexLock lock(mutex_);
    built_.push_back(std::move(built));
  }
  return result;
}

TaskResult BuildTasks::BuildPackage(const std::string& task, const PackageBuild& build,
                                    const TaskContext& context) {
  absl::StatusOr<TaskResult> result = BuildPackageOrSkip(task, build, context);
  if (!result.ok()) return {.status = result.status()};
  return *std::move(result);
}

absl::StatusOr<TaskResult> BuildTasks::BuildPackageOrSkip(const std::string& task,
                                                          const PackageBuild& build,
                                                          const TaskContext& context) {
  std::string dependencies;
  {
    MutexLock lock(mutex_);
    for (const std::string& name : package_dependencies_[task]) {
      absl::StrAppend(&dependencies, name, "=", package_fingerprints_[name], "\n");
    }
  }
  NOPO_ASSIGN_OR_RETURN(const std::optional<std::string> fingerprint,
                        PackageFingerprint(build, dependencies));
  if (fingerprint.has_value()) {
    MutexLock lock(mutex_);
    package_fingerprints_[task] = *fingerprint;
  }
  if (fingerprint.has_value() && !options_.no_cache && !options_.force) {
    NOPO_ASSIGN_OR_RETURN(const auto record, workspace_.ledger.FindBuild(scope_, task));
    if (PackageIsUpToDate(build, *fingerprint, record)) {
      return TaskResult{.reason = "inputs and outputs unchanged", .up_to_date = true};
    }
  }
  NOPO_RETURN_IF_ERROR(workspace_.ledger.ForgetBuild(scope_, task));
  HostCommand command{.run = build.command, .dir = build.dir.string(), .umask = caller_.umask};
  command.env = WithDefaults(build.env, WithDefaults(caller_.environment, opened_.names.managed));
  TaskResult result = RunHostCommand(task, command, context.events, context.cancellation);
  if (!result.status.ok() || !fingerprint.has_value()) return result;
  NOPO_ASSIGN_OR_RETURN(const BuildRecord record, PackageRecord(build, *fingerprint));
  NOPO_RETURN_IF_ERROR(workspace_.ledger.RecordBuild(scope_, task, record));
  result.reason = "built";
  return result;
}

}  // namespace nopo
