// Brings one service's containers to what is desired and waits until they are healthy.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/services/desired_service.h"
#include "daemon/services/project_resources.h"

namespace nopo {

struct StartOptions {
  absl::Duration health_timeout = absl::Seconds(120);
  // False: done as soon as all containers run, without a look at what becomes of them. Completion,
  // where `reach` asks for it, is waited for all the same.
  bool wait_for_health = true;
  DependencyCondition reach =
      DependencyCondition::kHealthy;  // kCompleted...: wait for exit code 0.
};

// Stateless apart from what it refers to, which must outlive it; thread-safe.
class ServiceStarter {
 public:
  ServiceStarter(DockerEngine& engine, EngineMirror& mirror, ProjectResources& resources);

  // Reports each step as TaskProgress of `task`. Calls `running` (which may be empty) once all
  // containers run, before waiting for health. When a container exits or turns unhealthy, or the
  // timeout passes, the result carries its last log lines and SERVICE_FAILED; a taken port is
  // PORT_TAKEN naming the port, the service and, where it can be found, the owner. Nothing that
  // already ran is stopped by a failure.
  //
  // With nothing to do it asks only the mirror. Instances of the service are started side by side.
  TaskResult Start(const std::string& task, const DesiredService& desired,
                   const StartOptions& options, const std::function<void()>& running,
                   EventSink& events, const Cancellation& cancellation);

 private:
  DockerEngine& engine_;
  EngineMirror& mirror_;
  ProjectResources& resources_;
};

}  // namespace nopo
