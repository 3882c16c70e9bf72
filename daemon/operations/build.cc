#include "daemon/operations/build.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/size_text.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"
#include "daemon/operations/build_settings.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/joint_plan.h"
#include "daemon/operations/run_report.h"

namespace nopo {
namespace {

absl::StatusOr<std::vector<const Target*>> SelectBuilds(const Project& project,
                                                        const TargetSelection& selection,
                                                        EventSink& events) {
  const bool named = !selection.names.empty();
  std::vector<const Target*> targets;
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> selected,
                        SelectOrTell(project, selection, events));
  for (const Target* target : selected) {
    // The root is listed for its commands; only by name its image is meant.
    if (target->kind == TargetKind::kRoot && !named) continue;
    if (named && !target->image.empty()) {
      events.Info(absl::StrCat(target->id, " is pre-built (", target->image,
                               "): there is nothing to build"));
    }
    if (named || target->Buildable()) targets.push_back(target);
  }
  return targets;
}

bool HasImages(const JointPlan& plan) {
  return std::any_of(plan.builds.begin(), plan.builds.end(), [](const auto& entry) {
    return std::holds_alternative<ImageBuild>(entry.second);
  });
}

boost::json::array ImagesJson(const std::vector<BuiltImage>& images) {
  boost::json::array array;
  for (const BuiltImage& image : images) {
    const absl::StatusOr<ImageReference> reference = ParseImageReference(image.tag);
    const ImageReference parts = reference.ok() ? *reference : ImageReference{};
    array.push_back(boost::json::object{{"name", image.target},
                                        {"tag", image.tag},
                                        {"registry", parts.registry},
                                        {"image", parts.image},
                                        {"version", parts.version},
                                        {"digest", image.digest},
                                        {"image_id", image.image_id},
                                        {"cached", image.cached}});
  }
  return array;
}

int64_t BytesSent(const std::vector<BuiltImage>& images) {
  int64_t sum = 0;
  for (const BuiltImage& image : images) sum += image.bytes_sent;
  return sum;
}

absl::Status WriteOutput(const std::filesystem::path& file, const boost::json::array& images) {
  std::ofstream stream(file, std::ios::trunc);
  stream << boost::json::serialize(images) << "\n";
  stream.close();
  if (stream.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission,
                   absl::StrCat("cannot write ", file.string(), ": ", std::strerror(errno)));
}

}  // namespace

absl::Status Build(const Workspace& workspace, const BuildOptions& options, EventSink& events,
                   const Cancellation& cancellation) {
  const absl::Time start = absl::Now();
  const DotenvUse use = options.execution.dry_run ? DotenvUse::kRead : DotenvUse::kWrite;
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened,
                        OpenProjectForTasks(workspace, options.caller, use, events, cancellation));
  Phase planning(events, "plan");
  const Project& project = *opened.project;
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectBuilds(project, options.selection, events));
  NOPO_ASSIGN_OR_RETURN(
      const JointPlan joint,
      PlanJointly(project, opened.names,
                  {.builds = targets,
                   .build_options = {.target_stage = options.target_stage,
                                     .build_args = options.build_args,
                                     .explicit_targets = !options.selection.names.empty()}}));
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  const Settings settings(options.caller.environment, opened.dotenv);
  ImageBuildOptions image_options{
      .force = settings.IsOn("DOCKER_BUILD"), .no_cache = options.no_cache, .pull = options.pull};
  if (!options.execution.dry_run && HasImages(joint)) {
    NOPO_RETURN_IF_ERROR(
        ReadBuildSettings(settings, options.caches, *session, events, cancellation, image_options));
  }
  RegistryLogins logins(options.caller.environment);
  BuildTasks builds(workspace, opened, options.caller, session, logins, image_options);
  PlannedWork work{.tasks = joint.tasks};
  builds.AddBodies(work, joint.builds);
  AddCommandBodies(work, joint.commands,
                   {.opened = opened,
                    .caller = options.caller,
                    .session = session,
                    .files_may_have_changed = [&] { builds.FilesMayHaveChanged(); }});
  if (options.push || settings.IsOn("DOCKER_PUSH")) {
    NOPO_RETURN_IF_ERROR(builds.AddPushesTo(work, joint.builds));
  }
  NOPO_ASSIGN_OR_RETURN(const Plan plan, Plan::Create(work.tasks));
  planning.End();
  if (options.execution.dry_run) {
    ReportDryRun(plan, work.listings, events);
    return absl::OkStatus();
  }
  NOPO_ASSIGN_OR_RETURN(const ProjectRegistry::Turn turn,
                        TakeTurn(workspace, project, "build", events, cancellation));
  const RunSummary summary = RunWork(plan, work, options.execution, events, cancellation);
  const int64_t bytes_sent = BytesSent(builds.built());
  const boost::json::array images = ImagesJson(builds.built());
  absl::Status outcome = summary.Outcome();
  if (!options.output_file.empty()) outcome.Update(WriteOutput(options.output_file, images));
  const boost::json::object result{{"ok", outcome.ok()},
                                   {"images", images},
                                   {"bytes_sent", bytes_sent},
                                   {"tasks", boost::json::parse(TasksJson(summary))}};
  std::string line = SummaryLine(summary, "built", absl::Now() - start);
  if (bytes_sent > 0) absl::StrAppend(&line, ", ", SizeText(bytes_sent), " sent to BuildKit");
  events.Report(ResultReady{.summary = plan.empty() ? "nothing to build" : line,
                            .json = boost::json::serialize(result)});
  return outcome;
}

}  // namespace nopo
