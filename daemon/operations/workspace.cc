#include "daemon/operations/workspace.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"
#include "daemon/project/project_loader.h"

namespace nopo {

absl::StatusOr<OpenedProject> OpenProject(const Workspace& workspace, const Caller& caller,
                                          EventSink& events, GitVariables git) {
  Phase phase(events, "open project");
  const std::filesystem::path chosen = caller.project_dir.empty()
                                           ? std::filesystem::path(caller.Variable("ROOT_DIR"))
                                           : caller.project_dir;
  NOPO_ASSIGN_OR_RETURN(const std::filesystem::path root,
                        FindProjectRoot(caller.working_dir, chosen));
  events.Debug(DebugArea::kConfig, [&] {
    return absl::StrCat("root ", root.string(), chosen.empty() ? "" : " (named by the caller)");
  });
  OpenedProject opened;
  NOPO_ASSIGN_OR_RETURN(opened.project, workspace.projects.Get(root, events));
  phase.End();
  const Phase environment(events, "environment");
  NOPO_ASSIGN_OR_RETURN(opened.names, ResolveImageNames(*opened.project, caller.environment, git));
  return opened;
}

absl::StatusOr<std::vector<const Target*>> SelectOrTell(const Project& project,
                                                        const TargetSelection& selection,
                                                        EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(std::vector<const Target*> targets, SelectTargets(project, selection));
  if (targets.empty() && selection.IsFiltered()) events.Info(kNoTargetMatches);
  return targets;
}

absl::StatusOr<ProjectRegistry::Turn> TakeTurn(const Workspace& workspace, const Project& project,
                                               absl::string_view operation, EventSink& events,
                                               const Cancellation& cancellation) {
  const Phase phase(events, "wait for turn");
  const auto waiting = [&](absl::string_view holder) {
    events.Info(absl::StrCat("waiting for `nopo ", holder, "` of this project to end"));
  };
  return workspace.registry.Acquire(project.root, operation, waiting, cancellation);
}

absl::StatusOr<std::shared_ptr<const EngineSnapshot>> ObserveEngine(
    EngineSession& session, EventSink& events, const Cancellation& cancellation) {
  const Phase phase(events, "engine snapshot");
  return session.mirror.Snapshot(cancellation, absl::ZeroDuration(), events);
}

std::string LedgerScope(const Project& project, const EngineSession& session) {
  return absl::StrCat(project.root.string(), "\n", session.choice.endpoint.ToString());
}

}  // namespace nopo
