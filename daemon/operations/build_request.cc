#include "daemon/operations/build_request.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"

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

}  // namespace

bool PreparedBuild::HasImages() const {
  return std::any_of(plan.builds.begin(), plan.builds.end(), [](const auto& entry) {
    return std::holds_alternative<ImageBuild>(entry.second);
  });
}

absl::StatusOr<PreparedBuild> PrepareBuild(const Workspace& workspace, const BuildRequest& request,
                                           DotenvUse use, EventSink& events,
                                           const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(OpenedProject opened,
                        OpenProjectForTasks(workspace, request.caller, use, events, cancellation));
  Phase planning(events, "plan");
  const Project& project = *opened.project;
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectBuilds(project, request.selection, events));
  NOPO_ASSIGN_OR_RETURN(
      JointPlan plan,
      PlanJointly(project, opened.names,
                  {.builds = targets,
                   .build_options = {.target_stage = request.target_stage,
                                     .build_args = request.build_args,
                                     .explicit_targets = !request.selection.names.empty()}}));
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(request.caller));
  Settings settings(request.caller.environment, opened.dotenv);
  const ImageBuildOptions options{.force = settings.IsOn("DOCKER_BUILD"),
                                  .no_cache = request.no_cache,
                                  .pull = request.pull,
                                  .push = request.push || settings.IsOn("DOCKER_PUSH")};
  planning.End();
  return PreparedBuild{.opened = std::move(opened),
                       .settings = std::move(settings),
                       .plan = std::move(plan),
                       .session = session,
                       .build = {.options = options}};
}

absl::Status ReadImageOptions(const Workspace& workspace, const BuildRequest& request,
                              EventSink& events, const Cancellation& cancellation,
                              PreparedBuild& prepared) {
  if (!prepared.HasImages()) return absl::OkStatus();
  return ReadBuildSettings(prepared.settings, request.caches, workspace.engines, *prepared.session,
                           events, cancellation, prepared.build);
}

}  // namespace nopo
