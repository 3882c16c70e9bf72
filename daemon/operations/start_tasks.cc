#include "daemon/operations/start_tasks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/sync_task.h"
#include "daemon/project/container_paths.h"
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
  std::unique_ptr<StartTasks> tasks(
      new StartTasks(opened, options, session, transfers, std::move(plan)));
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

void StartTasks::AddTo(PlannedWork& work, const WantedCommandsPlan& commands,
                       const std::set<std::string>& commands_of_builds) {
  for (const Task& planned : plan_.tasks) AddStart(planned, work);
  for (const auto& [name, command] : plan_.commands) PlaceCommand(command, commands, work);
  for (const auto& [name, services] : waiting_) {
    if (commands_of_builds.contains(name)) continue;
    TaskBody& body = work.bodies.at(name);
    body = OnlyBefore({services.begin(), services.end()}, std::move(body));
  }
}

void StartTasks::AddStart(const Task& planned, PlannedWork& work) {
  Task task = planned;
  const std::string target = TargetOfTask(task.name);
  const DesiredService& desired = desired_.at(target);
  const std::string base_task = absl::StrCat(opened_.project->root_name, ":build");
  const std::string own_build = absl::StrCat(target, ":build");
  const bool on_base = desired.image == opened_.names.base;
  const bool is_built = work.Has(on_base ? base_task : own_build);
  if (is_built) task.depends_on.push_back(on_base ? base_task : own_build);
  const std::string sync_task = SyncTaskName(*opened_.project);
  if (on_base && work.Has(sync_task)) task.depends_on.push_back(sync_task);
  work.listings[task.name] = {
      .target = target,
      .command = "start",
      .run = absl::StrCat("start ", desired.image),
      .in_container = true,
      .dir = KnownDirectory(*opened_.project, *plan_.starts.at(target).service)};
  work.bodies[task.name] = [this, name = task.name, target,
                            may_pull = !is_built](const TaskContext& context) {
    return Start(name, target, may_pull, context);
  };
  work.tasks.push_back(std::move(task));
}

void StartTasks::PlaceCommand(const StartPlan::CommandBefore& command,
                              const WantedCommandsPlan& commands, PlannedWork& work) {
  const WantedCommand& wanted = command.wanted;
  const std::vector<std::string>& last =
      commands.tasks_of.at(absl::StrCat(wanted.target, ":", wanted.command));
  for (const std::string& service : command.dependents) {
    std::vector<std::string>& before = work.Find(absl::StrCat(service, ":start"))->depends_on;
    before.insert(before.end(), last.begin(), last.end());
  }
  std::set<std::string> seen;
  std::vector<std::string> pending = last;
  while (!pending.empty()) {
    const std::string name = std::move(pending.back());
    pending.pop_back();
    const auto found = commands.commands.tasks.find(name);
    if (found == commands.commands.tasks.end() || !seen.insert(name).second) continue;
    waiting_[name].insert(command.dependents.begin(), command.dependents.end());
    const std::vector<std::string>& needs = commands.commands.plan.Find(name)->depends_on;
    pending.insert(pending.end(), needs.begin(), needs.end());
    std::vector<std::string>& before = work.Find(name)->depends_on;
    const std::string& target = found->second.target;
    if (command.up.contains(target)) before.push_back(absl::StrCat(target, ":start"));
    if (target == wanted.target) {
      before.insert(before.end(), command.after.begin(), command.after.end());
    }
  }
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
  if (awaited == desired.reach || options_.wait_for_health) start.reach = desired.reach;
  ServiceStarter starter(session_->engine, session_->mirror, *resources_);
  return starter.Start(task, desired, start, context.under_way, context.events,
                       context.cancellation);
}

absl::Status StartTasks::EnsureImage(const std::string& task, const std::string& image,
                                     const TaskContext& context) {
  if (options_.pull) {
    return transfers_.Pull(task, image, context.events, context.cancellation).status();
  }
  return transfers_.PullIfMissing(task, image, context.events, context.cancellation);
}

TaskBody StartTasks::OnlyBefore(std::vector<std::string> dependents, TaskBody body) const {
  return [this, dependents = std::move(dependents),
          body = std::move(body)](const TaskContext& context) -> TaskResult {
    const absl::StatusOr<bool> needless = AllUpToDate(dependents, context.cancellation);
    if (!needless.ok()) return {.status = needless.status()};
    if (*needless) return {.reason = "what waits for it runs already", .up_to_date = true};
    return body(context);
  };
}

absl::StatusOr<bool> StartTasks::AllUpToDate(const std::vector<std::string>& ids,
                                             const Cancellation& cancellation) const {
  SnapshotWish wish;
  for (const std::string& id : ids) wish.images.push_back(desired_.at(id).image);
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, session_->mirror.Snapshot(cancellation, wish));
  return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return StatusOf(desired_.at(id), *snapshot).up_to_date;
  });
}

}  // namespace nopo
