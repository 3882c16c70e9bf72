// Takes a project's containers away, and what they share.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"

namespace nopo {

// A task of `down`: a service's containers.
struct StopTask {
  std::string name;  // "web:stop"
  std::string service;
  std::vector<std::string> depends_on;  // Tasks of the services that depend on this one.
  std::string reason;
  std::vector<Container> containers;
};

// What `down` stops: the containers of `services`, or with none named everything of the project,
// orphans and one-off containers included. Dependents come before what they depend on, as the
// containers' labels say (no order where those make a cycle). Pure; sorted by name. A service
// without containers has no task.
std::vector<StopTask> PlanStops(const EngineSnapshot& snapshot, absl::string_view project,
                                const std::vector<std::string>& services);

struct StopOptions {
  absl::Duration grace = absl::Seconds(10);  // Between the stop signal and SIGKILL.
  bool volumes = false;                      // Remove anonymous volumes too.
};

// The task's body: stops and removes its containers, side by side. Those that are gone already
// count as removed. After an error the others are still taken away.
TaskResult StopService(DockerEngine& engine, EngineMirror& mirror, const StopTask& task,
                       const StopOptions& options, EventSink& events,
                       const Cancellation& cancellation);

// Stops one container, unless it does not run, and removes it; OK when it is gone already.
absl::Status StopAndRemove(DockerEngine& engine, EngineMirror& mirror, const Container& container,
                           const StopOptions& options, const Cancellation& cancellation);

// Removes the networks (volumes) that carry the project's label; names of those removed. What is
// gone already is no error.
//
// Errors: FAILED_PRECONDITION (ENGINE_FAILED) for one still used by a container that is not the
// project's, naming it; the others are removed all the same.
absl::StatusOr<std::vector<std::string>> RemoveProjectNetworks(DockerEngine& engine,
                                                               EngineMirror& mirror,
                                                               absl::string_view project,
                                                               const Cancellation& cancellation);
absl::StatusOr<std::vector<std::string>> RemoveProjectVolumes(DockerEngine& engine,
                                                              EngineMirror& mirror,
                                                              absl::string_view project,
                                                              const Cancellation& cancellation);

}  // namespace nopo
