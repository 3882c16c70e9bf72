#include "daemon/operations/start_tasks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/project/image_names.h"
#include "daemon/services/service_status.h"

namespace nopo {
namespace {

absl::StatusOr<int> InstancesOf(const Target& service, const std::map<std::string, int>& scale) {
  const auto found = scale.find(service.id);
  if (found == scale.end()) return std::max(1, service.infrastructure.min_instances);
  const int most = service.infrastructure.max_instances;
  if (found->second >= 1 && found->second <= most) return found->second;
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   absl::StrCat("--scale ", service.id, "=", found->second,
                                ": accepted is 1 to max_instances, which is ", most));
}

absl::Status CheckScale(const Project& project, const std::map<std::string, int>& scale) {
  for (const auto& [name, instances] : scale) {
    const Target* target = project.FindTarget(name);
    if (target != nullptr && target->kind == TargetKind::kService) continue;
    return MakeError(
        absl::StatusCode::kNotFound, Reason::kBadArguments,
        absl::StrCat("--scale ", name, "=", instances, ": there is no service '", name, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StartTasks>> StartTasks::Create(const OpenedProject& opened,
                                                               const UpOptions& options,
                                                               EngineSession* session,
                                                               ImageTransfers& transfers,
                                                               StartPlan plan) {
  NOPO_RETURN_IF_ERROR(CheckScale(*opened.project, options.scale));
  std::unique_ptr<StartTasks> tasks(new StartTasks(opened, options, session, transfers, std::move(plan)));
  NOPO_RETURN_IF_ERROR(tasks->DesireServices());
  return tasks;
}

StartTasks::StartTasks(const OpenedProject& opened, const UpOptions& options,
                       EngineSession* session, ImageTransfers& transfers, StartPlan plan)
    : opened_(opened),
      options_(options),
      session_(session),
      transfers_(transfers),
      plan_(std::move(plan)) {
  if (session == nullptr) return;
  resources_ = std::make_unique<ProjectResources>(
      session->engine, session->mirror, opened.project->slug, NetworkName(*opened.project));
}

absl::Status StartTasks::DesireServices() {
  const Project& project = *opened_.project;
  for (const auto& [id, start] : plan_.starts) {
    NOPO_ASSIGN_OR_RETURN(const int instances, InstancesOf(*start.service, options_.scale));
    NOPO_ASSIGN_OR_RETURN(
        desired_[id],
        DesiredServiceOf(project, *start.service, ImageOf(*start.service, opened_.names), instances,
                         options_.caller.environment, opened_.dotenv));
  }
  return absl::OkStatus();
}

absl::Status StartTasks::AddTo(PlannedWork& work) {
  const std::string base_task = absl::StrCat(opened_.project->root_name, ":build");
  for (const Task& planned : plan_.tasks) {
    Task task = planned;
    const std::string target = TargetOfTask(task.name);
    const std::string own_build = absl::StrCat(target, ":build");
    bool is_built = work.Has(own_build);
    if (is_built) {
      task.depends_on.push_back(own_build);
    } else if (work.Has(base_task)) {
      task.depends_on.push_back(base_task);
      is_built = desired_.contains(target) && desired_.at(target).image == opened_.names.base;
    }
    if (const auto command = plan_.commands.find(task.name); command != plan_.commands.end()) {
      NOPO_RETURN_IF_ERROR(AddCommand(task.name, command->second, work));
    } else {
      const DesiredService& desired = desired_.at(target);
      work.listings[task.name] = {.target = target,
                                  .command = "start",
                                  .run = absl::StrCat("start ", desired.image),
                                  .in_container = true,
                                  .dir = desired.spec.working_dir};
      work.bodies[task.name] = [this, name = task.name, target,
                                may_pull = !is_built](const TaskContext& context) {
        return Start(name, target, may_pull, context);
      };
    }
    work.tasks.push_back(std::move(task));
  }
  return absl::OkStatus();
}

TaskResult StartTasks::Start(const std::string& task, const std::string& service, bool may_pull,
                             const TaskContext& context) {
  const DesiredService& desired = desired_.at(service);
  if (may_pull) {
    absl::Status status = EnsureImage(task, desired.image, context);
    if (!status.ok()) return {.status = std::move(status)};
  }
  const std::optional<DependencyCondition> awaited = plan_.starts.at(service).awaited;
  StartOptions start{
      .health_timeout = options_.health_timeout,
      .wait_for_health = options_.wait_for_health || awaited == DependencyCondition::kHealthy};
  if (awaited == DependencyCondition::kCompletedSuccessfully) start.reach = *awaited;
  ServiceStarter starter(session_->engine, session_->mirror, *resources_);
  return starter.Start(task, desired, start, context.under_way, context.events,
                       context.cancellation);
}

absl::Status StartTasks::EnsureImage(const std::string& task, const std::string& image,
                                     const TaskContext& context) {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                        session_->mirror.Snapshot(context.cancellation, kSameOperation));
  if (!options_.pull && !snapshot->ImageId(image).empty()) return absl::OkStatus();
  return transfers_.Pull(task, image, context.events, context.cancellation).status();
}

absl::Status StartTasks::AddCommand(const std::string& task,
                                    const StartPlan::CommandBefore& command, PlannedWork& work) {
  NOPO_ASSIGN_OR_RETURN(CommandTask planned,
                        PlanSingleCommand(*opened_.project, *command.target, command.command,
                                          CommandContext::kContainer));
  work.listings[task] = ListingOf(planned);
  work.bodies[task] = [this, task, planned = std::move(planned),
                       dependents = command.dependents](const TaskContext& context) -> TaskResult {
    const absl::StatusOr<bool> needless = AllUpToDate(dependents, context.cancellation);
    if (!needless.ok()) return {.status = needless.status()};
    if (*needless) return {.reason = "what waits for it runs already", .up_to_date = true};
    return RunInContainer(task, planned, opened_, options_.caller, *session_, context);
  };
  return absl::OkStatus();
}

absl::StatusOr<bool> StartTasks::AllUpToDate(const std::vector<std::string>& ids,
                                             const Cancellation& cancellation) const {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, session_->mirror.Snapshot(cancellation));
  return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return StatusOf(desired_.at(id), *snapshot).up_to_date;
  });
}

}  // namespace nopo
