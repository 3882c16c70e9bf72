#include "daemon/operations/up.h"

#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"
#include "daemon/operations/build_settings.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/other_directories.h"
#include "daemon/operations/run_report.h"
#include "daemon/operations/service_report.h"
#include "daemon/operations/start_tasks.h"
#include "daemon/operations/sync_task.h"
#include "daemon/services/service_reconciler.h"
#include "daemon/services/service_stopper.h"

namespace nopo {
namespace {

// The selected services; a package has nothing to start, which is an error if it was named.
absl::StatusOr<std::vector<const Target*>> SelectServices(const Project& project,
                                                          const TargetSelection& selection,
                                                          EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> selected,
                        SelectOrTell(project, selection, events));
  std::vector<const Target*> services;
  for (const Target* target : selected) {
    if (target->kind == TargetKind::kService) {
      services.push_back(target);
    } else if (!selection.names.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                       absl::StrCat(target->id, " is a package: it has nothing to start"),
                       {absl::StrCat("`nopo build ", target->id, "` builds it")});
    }
  }
  return services;
}

bool ForcesBuild(const OpenedProject& opened, const UpOptions& options) {
  return options.force_build ||
         Settings(options.caller.environment, opened.dotenv).IsOn("DOCKER_BUILD");
}

bool BuildsImages(const OpenedProject& opened, const UpOptions& options) {
  return options.force_build || options.builds_released || BuildsImages(opened, options.caller);
}

// What must be built for the planned services, and run between their starts.
absl::StatusOr<JointPlan> PlanBeforeStarts(const OpenedProject& opened, const UpOptions& options,
                                           const StartPlan& starts, CommandPlan commands,
                                           bool syncs) {
  JointRequest request{.commands = std::move(commands),
                       .build_images_of_commands = BuildsImages(opened, options)};
  if (BuildsImages(opened, options)) {
    for (const auto& [id, start] : starts.starts) request.builds.push_back(start.service);
    const Project& project = *opened.project;
    if (syncs)
      request.build_options.needed[project.root_name] = SyncTaskName(project) + " runs in it";
  }
  return PlanJointly(*opened.project, opened.names, std::move(request));
}

// Removes containers of the project whose service nopo.yml no longer has; how many there were.
absl::StatusOr<int> RemoveOrphans(const Project& project, const EngineSnapshot& snapshot,
                                  EngineSession& session, EventSink& events,
                                  const Cancellation& cancellation) {
  std::vector<std::string> services;
  for (const Target& target : project.targets) {
    if (target.kind == TargetKind::kService) services.push_back(target.id);
  }
  const std::vector<Container> orphans = FindOrphans(snapshot.ContainersOf(project.slug), services);
  for (const Container& orphan : orphans) {
    events.Info(absl::StrCat("removing orphan ", orphan.name));
    NOPO_RETURN_IF_ERROR(
        StopAndRemove(session.engine, session.mirror, orphan, StopOptions(), cancellation));
  }
  return static_cast<int>(orphans.size());
}

bool AllUpToDate(const RunSummary& summary) {
  return summary.CountOf(TaskOutcome::kUpToDate) == static_cast<int>(summary.entries.size());
}

// One `up` from planned to told.
class UpRun {
 public:
  UpRun(const Workspace& workspace, const UpOptions& options, const OpenedProject& opened,
        EngineSession& session, const ImageSettings& build, EventSink& events,
        const Cancellation& cancellation)
      : workspace_(workspace),
        options_(options),
        opened_(opened),
        session_(session),
        events_(events),
        cancellation_(cancellation),
        logins_(options.caller.environment),
        transfers_(&session, logins_),
        builds_(workspace, opened, options.caller, &session, logins_, build) {}

  absl::Status Prepare() {
    const Phase phase(events_, "plan");
    NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> services,
                          SelectServices(*opened_.project, options_.selection, events_));
    NOPO_ASSIGN_OR_RETURN(StartPlan starts,
                          PlanStarts(*opened_.project, services, options_.with_dependencies));
    NOPO_ASSIGN_OR_RETURN(
        const WantedCommandsPlan commands,
        PlanWantedCommands(*opened_.project, CommandsBetween(starts), CommandContext::kContainer));
    const bool syncs = SyncsDependencies(*opened_.project, options_.sync) &&
                       (!starts.starts.empty() || !options_.selection.IsFiltered());
    NOPO_ASSIGN_OR_RETURN(before_,
                          PlanBeforeStarts(opened_, options_, starts, commands.commands, syncs));
    work_.tasks = before_.tasks;
    builds_.AddBodies(work_, before_.builds, options_.execution);
    AddCommandBodies(work_, before_.commands,
                     {.opened = opened_,
                      .caller = options_.caller,
                      .session = &session_,
                      .transfers = &transfers_,
                      .files_may_have_changed = [this] { builds_.FilesMayHaveChanged(); }});
    if (syncs) AddSync();
    NOPO_ASSIGN_OR_RETURN(
        starts_, StartTasks::Create(opened_, options_, &session_, transfers_, std::move(starts)));
    starts_->AddTo(work_, commands, before_.commands_of_builds);
    NOPO_ASSIGN_OR_RETURN(plan_, Plan::Create(work_.tasks));
    return absl::OkStatus();
  }

  void ListOnly() { ReportDryRun(plan_, work_.listings, events_); }

  absl::Status Run() {
    const absl::Time start = absl::Now();
    if (plan_.empty() && options_.selection.IsFiltered()) {
      TellPlanned();
      events_.Report(
          ResultReady{.summary = "nothing to start",
                      .json = R"({"ok":true,"changed":false,"services":{},"tasks":[]})"});
      return absl::OkStatus();
    }
    NOPO_ASSIGN_OR_RETURN(const ProjectRegistry::Turn turn,
                          TakeTurn(workspace_, *opened_.project, "up", events_, cancellation_));
    // Before anything is built, so that a missing engine is told at once.
    NOPO_ASSIGN_OR_RETURN(const auto snapshot, ObserveEngine(session_, events_, cancellation_));
    NOPO_RETURN_IF_ERROR(RefuseSharedName(workspace_, *opened_.project, *snapshot, events_));
    TellPlanned();
    const RunSummary summary = RunWork(plan_, work_, options_.execution, events_, cancellation_);
    const absl::Status outcome = summary.Outcome();
    if (absl::IsCancelled(outcome)) return outcome;
    const absl::Status cleaned = CleanUpAndTell(summary, start);
    // Where tasks failed, an engine that is gone by now has been told already.
    return outcome.ok() ? cleaned : outcome;
  }

 private:
  void AddSync() {
    AddSyncTask(work_, before_.commands,
                {.workspace = workspace_,
                 .opened = opened_,
                 .session = session_,
                 .transfers = transfers_,
                 .mode = options_.sync,
                 .files_may_have_changed = [this] { builds_.FilesMayHaveChanged(); }});
  }

  void TellPlanned() const {
    if (options_.before_tasks == nullptr) return;
    options_.before_tasks({.opened = opened_, .builds = before_, .plan = plan_});
  }

  absl::Status CleanUpAndTell(const RunSummary& summary, absl::Time start) {
    const Phase phase(events_, "clean up");
    const absl::Duration age = AllUpToDate(summary) ? kSameOperation : absl::ZeroDuration();
    NOPO_ASSIGN_OR_RETURN(const auto all,
                          session_.mirror.Snapshot(cancellation_, {.max_age = age}));
    const auto snapshot =
        WithoutDirectories(all, OtherDirectories(workspace_, *opened_.project, *all, events_));
    NOPO_ASSIGN_OR_RETURN(const int orphans, RemoveOrphans(*opened_.project, *snapshot, session_,
                                                           events_, cancellation_));
    const ServiceReport report = ReportServices(starts_->desired(), *snapshot);
    std::string line = SummaryLine(summary, "done", absl::Now() - start);
    if (orphans > 0) absl::StrAppend(&line, ", ", orphans, " orphan(s) removed");
    const boost::json::object result{{"ok", summary.Outcome().ok()},
                                     {"changed", !AllUpToDate(summary) || orphans > 0},
                                     {"services", boost::json::parse(report.json)},
                                     {"tasks", boost::json::parse(TasksJson(summary))}};
    events_.Report(ResultReady{.summary = absl::StrCat(report.text, line),
                               .json = boost::json::serialize(result)});
    return absl::OkStatus();
  }

  const Workspace& workspace_;
  const UpOptions& options_;
  const OpenedProject& opened_;
  EngineSession& session_;
  EventSink& events_;
  const Cancellation& cancellation_;
  RegistryLogins logins_;
  ImageTransfers transfers_;
  PlannedWork work_;
  JointPlan before_;  // What is built, and run between starts.
  BuildTasks builds_;
  std::unique_ptr<StartTasks> starts_;
  Plan plan_;
};

}  // namespace

absl::Status Up(const Workspace& workspace, const UpOptions& options, EventSink& events,
                const Cancellation& cancellation) {
  const DotenvUse use = options.execution.dry_run ? DotenvUse::kRead : DotenvUse::kWrite;
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened,
                        OpenProjectForTasks(workspace, options.caller, use, events, cancellation));
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  ImageSettings build{.options = {.force = ForcesBuild(opened, options), .pull = options.pull}};
  if (!options.execution.dry_run && BuildsImages(opened, options)) {
    NOPO_RETURN_IF_ERROR(ReadBuildSettings(Settings(options.caller.environment, opened.dotenv), {},
                                           workspace.engines, *session, events, cancellation,
                                           build));
  }
  UpRun run(workspace, options, opened, *session, build, events, cancellation);
  NOPO_RETURN_IF_ERROR(run.Prepare());
  if (!options.execution.dry_run) return run.Run();
  run.ListOnly();
  return absl::OkStatus();
}

}  // namespace nopo
