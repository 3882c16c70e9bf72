#include "daemon/operations/build_tasks.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/build/package_skip.h"
#include "daemon/commands/host_process.h"
#include "daemon/operations/command_tasks.h"

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

std::unique_ptr<ImageBuilder> NewImageBuilder(EngineSession& session, Ledger& ledger,
                                              const std::string& scope) {
  const auto image_id = [&session](
                            absl::string_view reference,
                            const Cancellation& cancellation) -> absl::StatusOr<std::string> {
    NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                          session.mirror.Snapshot(cancellation, kSameOperation));
    return snapshot->ImageId(reference);
  };
  return std::make_unique<ImageBuilder>(session.buildkit, ledger, scope, image_id);
}

}  // namespace

BuildTasks::BuildTasks(const Workspace& workspace, const OpenedProject& opened,
                       const Caller& caller, EngineSession* session,
                       const ImageBuildOptions& options)
    : workspace_(workspace),
      opened_(opened),
      caller_(caller),
      session_(session),
      options_(options),
      scope_(session == nullptr ? "" : LedgerScope(*opened.project, *session)),
      images_(session == nullptr ? nullptr : NewImageBuilder(*session, workspace.ledger, scope_)) {}

absl::Status BuildTasks::AddTo(PlannedWork& work, const BuildPlan& plan) {
  for (const Task& planned : plan.tasks) {
    Task task = planned;
    if (const auto found = plan.prior_commands.find(task.name);
        found != plan.prior_commands.end()) {
      for (const std::string& command : found->second) {
        NOPO_RETURN_IF_ERROR(AddPriorCommand(work, command));
        task.depends_on.push_back(command);
      }
    }
    AddBuild(work, task, plan.builds.at(task.name));
    work.tasks.push_back(std::move(task));
  }
  return absl::OkStatus();
}

void BuildTasks::AddBuild(PlannedWork& work, const Task& task, const BuildTask& build) {
  work.listings[task.name] =
      std::visit([](const auto& specific) { return ListingOf(specific); }, build);
  if (const auto* image = std::get_if<ImageBuild>(&build)) {
    work.bodies[task.name] = [this, name = task.name, image = *image](const TaskContext& context) {
      return BuildImage(name, image, context);
    };
    return;
  }
  work.bodies[task.name] = [this, task,
                            package = std::get<PackageBuild>(build)](const TaskContext& context) {
    return BuildPackage(task.name, package, task.depends_on, context);
  };
}

absl::Status BuildTasks::AddPriorCommand(PlannedWork& work, const std::string& task) {
  if (work.Has(task)) return absl::OkStatus();
  const std::string target = TargetOfTask(task);
  NOPO_ASSIGN_OR_RETURN(CommandTask command,
                        PlanSingleCommand(*opened_.project, *opened_.project->FindTarget(target),
                                          task.substr(target.size() + 1), CommandContext::kUnset));
  work.tasks.push_back({.name = task, .reason = "a build needs it"});
  work.listings[task] = ListingOf(command);
  work.bodies[task] = [this, task, command = std::move(command)](const TaskContext& context) {
    TaskResult result = command.context == CommandContext::kHost
                            ? RunOnHost(task, command, opened_, caller_, context)
                            : RunInContainer(task, command, opened_, caller_, *session_, context);
    if (images_ != nullptr) images_->FilesMayHaveChanged();
    return result;
  };
  return absl::OkStatus();
}

std::vector<BuiltImage> BuildTasks::built() const {
  MutexLock lock(mutex_);
  return built_;
}

TaskResult BuildTasks::BuildImage(const std::string& task, const ImageBuild& build,
                                  const TaskContext& context) {
  BuiltImage built;
  TaskResult result =
      images_->Build(task, build, options_, context.events, context.cancellation, built);
  if (!result.up_to_date) session_->mirror.InvalidateImages();
  if (result.status.ok()) {
    MutexLock lock(mutex_);
    built_.push_back(std::move(built));
  }
  return result;
}

TaskResult BuildTasks::BuildPackage(const std::string& task, const PackageBuild& build,
                                    const std::vector<std::string>& depends_on,
                                    const TaskContext& context) {
  absl::StatusOr<TaskResult> result = BuildPackageOrSkip(task, build, depends_on, context);
  if (!result.ok()) return {.status = result.status()};
  return *std::move(result);
}

absl::StatusOr<std::optional<std::string>> BuildTasks::FingerprintPackage(
    const std::string& task, const PackageBuild& build,
    const std::vector<std::string>& depends_on) {
  std::string dependencies;
  {
    MutexLock lock(mutex_);
    for (const std::string& name : depends_on) {
      const auto found = package_fingerprints_.find(name);
      // What a dependency was made from is not known, so neither is what this one is.
      if (found == package_fingerprints_.end()) return std::optional<std::string>();
      absl::StrAppend(&dependencies, name, "=", found->second, "\n");
    }
  }
  NOPO_ASSIGN_OR_RETURN(std::optional<std::string> fingerprint,
                        PackageFingerprint(build, dependencies));
  if (fingerprint.has_value()) {
    MutexLock lock(mutex_);
    package_fingerprints_[task] = *fingerprint;
  }
  return fingerprint;
}

absl::StatusOr<TaskResult> BuildTasks::BuildPackageOrSkip(
    const std::string& task, const PackageBuild& build, const std::vector<std::string>& depends_on,
    const TaskContext& context) {
  NOPO_ASSIGN_OR_RETURN(const std::optional<std::string> fingerprint,
                        FingerprintPackage(task, build, depends_on));
  if (fingerprint.has_value() && !options_.no_cache && !options_.force) {
    const auto record = workspace_.ledger.FindBuild(scope_, task);
    if (record.ok() && PackageIsUpToDate(build, *fingerprint, *record)) {
      return TaskResult{.reason = "inputs and outputs unchanged", .up_to_date = true};
    }
  }
  // Before anything is changed: a crash in the middle must not leave a record that says "built".
  NOPO_RETURN_IF_ERROR(workspace_.ledger.ForgetBuild(scope_, task));
  HostCommand command{.run = build.command, .dir = build.dir.string(), .umask = caller_.umask};
  command.env = TaskEnvironment(build.env, opened_, caller_);
  TaskResult result = RunHostCommand(task, command, context.events, context.cancellation);
  if (images_ != nullptr) images_->FilesMayHaveChanged();
  if (!result.status.ok() || !fingerprint.has_value()) return result;
  NOPO_ASSIGN_OR_RETURN(const BuildRecord record, PackageRecord(build, *fingerprint));
  result.reason = "built";
  // A build that cannot be remembered is a good build all the same.
  if (absl::Status kept = workspace_.ledger.RecordBuild(scope_, task, record); !kept.ok()) {
    context.events.Warning(absl::StrCat(task, " will be built again: ", kept.message()));
  }
  return result;
}

}  // namespace nopo
