// Two directories may hold projects of one name, two clones of a repository say. Their containers
// carry the same project label, and are told apart by the directory in another label.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/project.h"

namespace nopo {

// The directories, other than the project's own, that containers of its name were made from. One
// that was moved or deleted, or whose nopo.yml has another name by now, is none: what it left is
// the project's. Looks at the directories named.
std::set<std::string> OtherDirectories(const Workspace& workspace, const Project& project,
                                       const EngineSnapshot& snapshot, EventSink& events);

// Errors: CONFIGURATION when a service of another directory has the project's name on the engine.
absl::Status RefuseSharedName(const Workspace& workspace, const Project& project,
                              const EngineSnapshot& snapshot, EventSink& events);

// `snapshot` without the containers of `directories`.
std::shared_ptr<const EngineSnapshot> WithoutDirectories(
    std::shared_ptr<const EngineSnapshot> snapshot, const std::set<std::string>& directories);

}  // namespace nopo
