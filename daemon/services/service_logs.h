// The logs of a project's containers.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// The last `count` lines that a container printed, both streams as they came. Best effort: empty
// when its log cannot be read.
std::vector<std::string> LastLogLines(DockerEngine& engine, absl::string_view container_id,
                                      int count, const Cancellation& cancellation);

// The container's name as log lines show it: "web-1" for "shop-web-1" in project "shop".
std::string LogName(absl::string_view project, absl::string_view container_name);

// Whose logs are meant.
struct LogSources {
  std::string project;                // Slug.
  std::vector<std::string> services;  // Empty: all of the project.
  // Containers made from these have the project's name but are another's.
  std::set<std::string> other_directories;
};

// The containers of the services in the order of the services, then by number; all services of the
// project by name when none is named. One-off containers are left out.
std::vector<Container> LoggedContainers(const EngineSnapshot& snapshot, const LogSources& sources);

// Reports the logs as TaskOutput whose task is LogName. Blocks: without options.follow until each
// container's log has been read, one after the other; with it all at once, containers that start
// later included, until no container has been running for a moment (long enough for a restart or
// a replacement), or `cancellation` fires. OK also when cancelled.
//
// Owns its threads (one a container and one for the engine's events) and joins them.
absl::Status FollowLogs(DockerEngine& engine, EngineMirror& mirror, const LogSources& sources,
                        const LogOptions& options, EventSink& events,
                        const Cancellation& cancellation);

}  // namespace nopo
