// Carries out the reconciler's steps for one instance of a service.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/services/desired_service.h"
#include "daemon/services/service_reconciler.h"

namespace nopo {

// What the steps of one service have in common. Outlives the runners.
struct StepContext {
  DockerEngine& engine;
  EngineMirror& mirror;
  const std::string& task;
  const DesiredService& desired;
  std::string image_id;
  EventSink& events;
  const Cancellation& cancellation;
};

// For one thread; several of one context may run at once.
class StepRunner {
 public:
  explicit StepRunner(const StepContext& context) : context_(context) {}

  // In order, up to the first that fails. Reports each as TaskProgress.
  //
  // A container whose any-free-port was kept from its predecessor (or from before it was stopped)
  // and has been taken since gets another one.
  //
  // Errors:
  //   RESOURCE_EXHAUSTED (PORT_TAKEN)  names the port, the service and, where known, the owner
  //   NOT_FOUND, ALREADY_EXISTS        the engine's state is not what was observed: reconcile anew
  //   SERVICE_FAILED                   the engine could not start it
  //   the engine's, CANCELLED
  absl::Status Run(const std::vector<ServiceStep>& steps);

  // What Run started, as inspected right after; nullopt when nothing was.
  const std::optional<Container>& started() const { return started_; }

 private:
  absl::Status Do(const CreateContainer& action);
  absl::Status Do(const StartContainer& action);
  absl::Status Do(const StopContainer& action);
  absl::Status Do(const RemoveContainer& action);
  absl::Status Do(const RenameContainer& action);

  absl::Status Create(const std::string& name, const std::vector<PortMapping>& host_ports,
                      const std::string& replaces);
  absl::Status CreateAndStartOnAnyPort(const std::string& name, const std::string& old_id);
  absl::Status PortTaken(const absl::Status& error, const std::string& id) const;

  const StepContext& context_;
  int number_ = 1;
  std::string created_id_;
  std::optional<Container> started_;
};

}  // namespace nopo
