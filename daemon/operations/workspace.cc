#include "daemon/operations/workspace.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"
#include "daemon/operations/settings.h"
#include "daemon/project/project_loader.h"
#include "daemon/project/tag_family.h"
#include "daemon/project/variable_sources.h"

namespace nopo {

namespace {

// "from .env:3", "from nopo's block, .env:9 (part of DOCKER_TAG)", "asked of git"
std::string WinningPlaces(const VariableOrigin& origin) {
  std::vector<std::string> places;
  for (const VariableSource& source : origin.sources) {
    if (!source.wins) continue;
    if (source.place == "computed") {
      places.push_back(source.note.empty() ? source.place : source.note);
      continue;
    }
    const std::string note = source.note.empty() ? "" : absl::StrCat(" (", source.note, ")");
    places.push_back(absl::StrCat("from ", source.place, note));
  }
  return absl::StrJoin(places, "; ");
}

// Tells each managed variable and where its value comes from (DEBUG=env).
void DebugEnvironment(const Project& project, const Caller& caller,
                      const ProjectEnvironment& environment, const GitFacts* git,
                      EventSink& events) {
  const GitFacts facts = git == nullptr ? GitFacts() : *git;
  for (const auto& [key, value] : environment.names.managed) {
    events.Debug(DebugArea::kEnv, [&, &key = key, &value = value] {
      const absl::StatusOr<VariableOrigin> origin =
          FindVariableOrigin(key, project, caller.environment, environment.dotenv, facts);
      return absl::StrCat(key, "=", value, ", ",
                          origin.ok() ? WinningPlaces(*origin) : "from an unknown place");
    });
  }
}

// The directory that the caller names as the root; empty = it is looked for.
std::filesystem::path ChosenRoot(const Caller& caller) {
  return caller.project_dir.empty() ? std::filesystem::path(caller.Variable("ROOT_DIR"))
                                    : caller.project_dir;
}

// `git` may be null: without GIT_*.
absl::StatusOr<OpenedProject> Open(std::shared_ptr<const Project> project, const Caller& caller,
                                   const GitFacts* git, DotenvUse use, EventSink& events,
                                   const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(ProjectEnvironment environment,
                        ResolveEnvironment(*project, caller.environment, git,
                                           {.use = use, .umask = caller.umask}, cancellation));
  DebugEnvironment(*project, caller, environment, git, events);
  return OpenedProject{.project = std::move(project),
                       .names = std::move(environment.names),
                       .dotenv = environment.dotenv.All()};
}

}  // namespace

absl::StatusOr<std::filesystem::path> FindRoot(const Caller& caller) {
  return FindProjectRoot(caller.working_dir, ChosenRoot(caller));
}

absl::StatusOr<std::shared_ptr<const Project>> FindProject(const Workspace& workspace,
                                                           const Caller& caller,
                                                           EventSink& events) {
  const Phase phase(events, "open project");
  NOPO_ASSIGN_OR_RETURN(const std::filesystem::path root, FindRoot(caller));
  events.Debug(DebugArea::kConfig, [&] {
    return absl::StrCat("root ", root.string(),
                        ChosenRoot(caller).empty() ? "" : " (named by the caller)");
  });
  return workspace.projects.Get(root, events);
}

absl::StatusOr<OpenedProject> OpenProject(const Workspace& workspace, const Caller& caller,
                                          EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(std::shared_ptr<const Project> project,
                        FindProject(workspace, caller, events));
  const Phase phase(events, "environment");
  return Open(std::move(project), caller, /*git=*/nullptr, DotenvUse::kRead, events,
              Cancellation());
}

absl::StatusOr<OpenedProject> OpenProjectForTasks(const Workspace& workspace, const Caller& caller,
                                                  DotenvUse use, EventSink& events,
                                                  const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(std::shared_ptr<const Project> project,
                        FindProject(workspace, caller, events));
  const Phase phase(events, "environment");
  const GitFacts git = workspace.git.Get(project->root, caller.environment);
  return Open(std::move(project), caller, &git, use, events, cancellation);
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
    EngineSession& session, EventSink& events, const Cancellation& cancellation,
    const std::vector<std::string>& images) {
  const Phase phase(events, "engine snapshot");
  return session.mirror.Snapshot(cancellation, {.images = images}, events);
}

bool BuildsImages(const OpenedProject& opened, const Caller& caller) {
  return opened.names.version == kDevelopmentVersion ||
         Settings(caller.environment, opened.dotenv).IsOn("DOCKER_BUILD");
}

std::string LedgerScope(const Project& project, const EngineSession& session) {
  return absl::StrCat(project.root.string(), "\n", session.choice.endpoint.ToString());
}

}  // namespace nopo
