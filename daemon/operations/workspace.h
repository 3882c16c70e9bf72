// What every operation works with: the daemon's memory, and the project a request is about.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/build/watched_trees.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/engine_session.h"
#include "daemon/operations/image_layouts.h"
#include "daemon/project/git_facts_cache.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project_cache.h"
#include "daemon/project/project_environment.h"
#include "daemon/project/target_selection.h"
#include "daemon/state/build_history.h"
#include "daemon/state/ledger.h"
#include "daemon/state/project_registry.h"

namespace nopo {

// Owned by main; outlives every operation.
struct Workspace {
  ProjectCache& projects;
  EngineSessions& engines;
  Ledger& ledger;
  BuildHistory& history;
  WatchedTrees& trees;
  ProjectRegistry& registry;
  GitFactsCache& git;
  ImageLayouts& layouts;
  const Cancellation& retiring;  // Fires when the daemon ends as soon as its operations have.
};

// One request's view: values that do not change while it runs.
struct OpenedProject {
  std::shared_ptr<const Project> project;
  ImageNames names;
  EnvironmentMap dotenv;  // All variables of `.env`: for interpolation and Compose.
};

// Where the caller's project is.
//
// Errors (reason CONFIGURATION): see FindProjectRoot.
absl::StatusOr<std::filesystem::path> FindRoot(const Caller& caller);

// Finds and loads (or finds unchanged) the caller's project.
//
// Errors (reason CONFIGURATION): see FindProjectRoot, LoadProject.
absl::StatusOr<std::shared_ptr<const Project>> FindProject(const Workspace& workspace,
                                                           const Caller& caller, EventSink& events);

// The caller's project and the names of its images, without GIT_*.
//
// Errors: as FindProject and ResolveEnvironment.
absl::StatusOr<OpenedProject> OpenProject(const Workspace& workspace, const Caller& caller,
                                          EventSink& events);

// The same with all variables, for operations whose tasks get them; `use` says whether `.env` is
// brought up to date first.
absl::StatusOr<OpenedProject> OpenProjectForTasks(const Workspace& workspace, const Caller& caller,
                                                  DotenvUse use, EventSink& events,
                                                  const Cancellation& cancellation);

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

// The first look of an operation at the engine, and at these of its images; see
// EngineMirror::Snapshot.
absl::StatusOr<std::shared_ptr<const EngineSnapshot>> ObserveEngine(
    EngineSession& session, EventSink& events, const Cancellation& cancellation,
    const std::vector<std::string>& images = {});

// Whether images are built for who needs them: those of a released version are pulled instead,
// unless DOCKER_BUILD is on.
bool BuildsImages(const OpenedProject& opened, const Caller& caller);

// The ledger's scope for `project` on the engine of `session`.
std::string LedgerScope(const Project& project, const EngineSession& session);

}  // namespace nopo
