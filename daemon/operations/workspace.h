// What every operation works with: the daemon's memory, and the project a request is about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/engine_session.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project_cache.h"
#include "daemon/project/target_selection.h"
#include "daemon/state/ledger.h"
#include "daemon/state/project_registry.h"

namespace nopo {

// Owned by main; outlives every operation.
struct Workspace {
  ProjectCache& projects;
  EngineSessions& engines;
  Ledger& ledger;
  ProjectRegistry& registry;
};

// One request's view: values that do not change while it runs.
struct OpenedProject {
  std::shared_ptr<const Project> project;
  ImageNames names;
};

// Finds, loads (or finds unchanged) the caller's project and names its images. Asking git for the
// GIT_* variables costs a process: only for those who pass them on.
//
// Errors (reason CONFIGURATION): see FindProjectRoot, LoadProject, ResolveImageNames.
absl::StatusOr<OpenedProject> OpenProject(const Workspace& workspace, const Caller& caller,
                                          EventSink& events,
                                          GitVariables git = GitVariables::kOmit);

// SelectTargets, telling the user when the filters leave no target.
absl::StatusOr<std::vector<const Target*>> SelectOrTell(const Project& project,
                                                        const TargetSelection& selection,
                                                        EventSink& events);

// Waits for the turn to change `project`, telling the user for what. `operation` is "up".
//
// Errors: CANCELLED.
absl::StatusOr<ProjectRegistry::Turn> TakeTurn(const Workspace& workspace, const Project& project,
                                               absl::string_view operation, EventSink& events,
                                               const Cancellation& cancellation);

// The first look of an operation at the engine; see EngineMirror::Snapshot.
absl::StatusOr<std::shared_ptr<const EngineSnapshot>> ObserveEngine(
    EngineSession& session, EventSink& events, const Cancellation& cancellation);

// The ledger's scope for `project` on the engine of `session`.
std::string LedgerScope(const Project& project, const EngineSession& session);

}  // namespace nopo
