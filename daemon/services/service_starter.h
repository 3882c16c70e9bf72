// Brings one service's containers to what is desired and waits until they are healthy.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/services/desired_service.h"
#include "daemon/services/service_reconciler.h"

namespace nopo {

struct StartOptions {
  absl::Duration health_timeout = absl::Seconds(120);
  bool wait_for_health = true;
  DependencyCondition reach = DependencyCondition::kHealthy;  // kCompleted...: wait for exit code 0.
};

// Creates what all services of a project share: the network, named volumes. Thread-safe; each thing
// is made at most once, by the first who needs it.
class ProjectResources {
 public:
  ProjectResources(DockerEngine& engine, EngineMirror& mirror, std::string project,
                   std::string network);
  absl::Status EnsureNetwork(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status EnsureVolume(const DesiredService::NamedVolume& volume,
                            const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  DockerEngine& engine_;
  EngineMirror& mirror_;
  const std::string project_, network_;
  Mutex mutex_;
  bool network_ready_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> volumes_ready_ ABSL_GUARDED_BY(mutex_);
};

// Stateless apart from what it refers to, which must outlive it; thread-safe.
class ServiceStarter {
 public:
  ServiceStarter(DockerEngine& engine, EngineMirror& mirror, ProjectResources& resources);

  // Reports each step as TaskProgress of `task`. Calls `running` once all containers run, before
  // waiting for health. When a container exits or turns unhealthy, or the timeout passes, the result
  // carries its last log lines and SERVICE_FAILED; a taken port is PORT_TAKEN naming the port, the
  // service and, where it can be found, the owner. Nothing that already ran is stopped by a failure.
  TaskResult Start(const std::string& task, const DesiredService& desired,
                   const StartOptions& options, const std::function<void()>& running,
                   EventSink& events, const Cancellation& cancellation);

  // Stops (with the container's grace) and removes; OK when already gone.
  absl::Status StopAndRemove(const Container& container, absl::Duration grace, bool volumes,
                             const Cancellation& cancellation);

 private:
  DockerEngine& engine_;
  EngineMirror& mirror_;
  ProjectResources& resources_;
};

}  // namespace nopo
