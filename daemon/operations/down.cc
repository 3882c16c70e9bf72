#include "daemon/operations/down.h"

#include <boost/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"
#include "daemon/graph/plan.h"
#include "daemon/operations/other_directories.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/run_report.h"
#include "daemon/services/service_stopper.h"

namespace nopo {
namespace {

bool MeansEverything(const TargetSelection& selection) {
  return selection.names.empty() && !selection.IsFiltered();
}

// Empty when everything is meant, orphans included, and when filters leave nothing.
absl::StatusOr<std::vector<std::string>> SelectServices(const Project& project,
                                                        const DownOptions& options,
                                                        EventSink& events) {
  const TargetSelection& selection = options.selection;
  if (MeansEverything(selection)) return std::vector<std::string>();
  if (options.volumes || options.images) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     "--volumes and --rmi concern the whole project, so they go with no targets");
  }
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectOrTell(project, selection, events));
  std::vector<std::string> services;
  for (const Target* target : targets) {
    if (target->kind == TargetKind::kService) services.push_back(target->id);
  }
  if (!services.empty() || selection.IsFiltered()) return services;
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   "none of these targets is a service: there is nothing to stop");
}

absl::Status RemoveBuiltImages(EngineSession& session, const ImageNames& names, EventSink& events,
                               const Cancellation& cancellation) {
  std::vector<std::string> tags = {names.base};
  for (const auto& [id, tag] : names.targets) tags.push_back(tag);
  NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                        session.mirror.Snapshot(cancellation, {.images = tags}));
  for (const std::string& tag : tags) {
    if (snapshot->ImageId(tag).empty()) continue;
    absl::Status removed = session.engine.RemoveImage(tag, cancellation);
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
    events.Info(absl::StrCat("removed image ", tag));
  }
  session.mirror.InvalidateImages();
  return absl::OkStatus();
}

// Networks, volumes and images: what the whole project shares.
absl::Status RemoveShared(EngineSession& session, const OpenedProject& opened,
                          const DownOptions& options, EventSink& events,
                          const Cancellation& cancellation) {
  const Phase phase(events, "remove what is shared");
  const std::string& slug = opened.project->slug;
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> networks,
                        RemoveProjectNetworks(session.engine, session.mirror, slug, cancellation));
  for (const std::string& name : networks) events.Info(absl::StrCat("removed network ", name));
  if (options.volumes) {
    NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> volumes,
                          RemoveProjectVolumes(session.engine, session.mirror, slug, cancellation));
    for (const std::string& name : volumes) events.Info(absl::StrCat("removed volume ", name));
  }
  if (!options.images) return absl::OkStatus();
  return RemoveBuiltImages(session, opened.names, events, cancellation);
}

void TellOfOthers(const Project& project, const std::set<std::string>& others, EventSink& events) {
  events.Info(absl::StrCat("the project in ", absl::StrJoin(others, ", "), " has the name '",
                           project.slug, "' too: its containers, and what both share, stay"));
}

PlannedWork PlanWork(const std::vector<StopTask>& stops, const DownOptions& options,
                     EngineSession& session) {
  PlannedWork work;
  const StopOptions stop_options{.volumes = options.volumes};
  for (const StopTask& stop : stops) {
    work.tasks.push_back(
        {.name = stop.name, .depends_on = stop.depends_on, .reason = stop.reason, .waits = true});
    work.listings[stop.name] = {
        .target = stop.service,
        .command = "stop",
        .run = absl::StrCat("stop ", stop.containers.size(), " container(s)"),
        .in_container = true};
    work.bodies[stop.name] = [&session, stop, stop_options](const TaskContext& context) {
      return StopService(session.engine, session.mirror, stop, stop_options, context.events,
                         context.cancellation);
    };
  }
  return work;
}

}  // namespace

absl::Status Down(const Workspace& workspace, const DownOptions& options, EventSink& events,
                  const Cancellation& cancellation) {
  const absl::Time start = absl::Now();
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> services,
                        SelectServices(*opened.project, options, events));
  if (services.empty() && !MeansEverything(options.selection)) {
    events.Report(ResultReady{.summary = "nothing to stop", .json = R"({"ok":true,"tasks":[]})"});
    return absl::OkStatus();
  }
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  NOPO_ASSIGN_OR_RETURN(const ProjectRegistry::Turn turn,
                        TakeTurn(workspace, *opened.project, "down", events, cancellation));
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, ObserveEngine(*session, events, cancellation));
  const std::set<std::string> others =
      OtherDirectories(workspace, *opened.project, *snapshot, events);
  const auto own = WithoutDirectories(snapshot, others);
  const PlannedWork work =
      PlanWork(PlanStops(*own, opened.project->slug, services), options, *session);
  NOPO_ASSIGN_OR_RETURN(const Plan plan, Plan::Create(work.tasks));
  if (options.execution.dry_run) {
    ReportDryRun(plan, work.listings, events);
    return absl::OkStatus();
  }
  const RunSummary summary = RunWork(plan, work, options.execution, events, cancellation);
  absl::Status outcome = summary.Outcome();
  if (!others.empty()) TellOfOthers(*opened.project, others, events);
  if (outcome.ok() && services.empty() && others.empty()) {
    outcome = RemoveShared(*session, opened, options, events, cancellation);
  }
  const boost::json::object result{{"ok", outcome.ok()},
                                   {"tasks", boost::json::parse(TasksJson(summary))}};
  events.Report(ResultReady{.summary = plan.empty()
                                           ? "nothing is running"
                                           : SummaryLine(summary, "stopped", absl::Now() - start),
                            .json = boost::json::serialize(result)});
  return outcome;
}

}  // namespace nopo
