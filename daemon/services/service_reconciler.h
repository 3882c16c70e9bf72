// Decides what must happen to a service's containers. Pure: from desired and observed to steps.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "daemon/docker/engine_mirror.h"
#include "daemon/docker/types.h"
#include "daemon/project/project.h"
#include "daemon/services/desired_service.h"

namespace nopo {

// What the engine has of a service now.
struct ObservedService {
  std::string image_id;    // Of the tag that the service runs; "" = there is no such image.
  std::string network_id;  // Of the project network; "" = there is none.
  std::vector<Container> containers;  // One-off ones left out; in any order, with any name.
};
ObservedService ObserveService(const EngineSnapshot& snapshot, const DesiredService& desired);

struct CreateContainer {
  std::string name;      // A temporary one while the container that it replaces still exists.
  std::string replaces;  // Id of the container whose place it takes; "" = none.
  // Host ports that the replaced container had: kept where any free port will do.
  std::vector<PortMapping> keep_ports;
};
struct StartContainer {
  std::string name, id;  // Id empty: the one just created for the same number.
};
struct StopContainer {
  std::string name, id;
};
struct RemoveContainer {
  std::string name, id;
};
struct RenameContainer {
  std::string name, id;  // Present name; id empty: the one just created for the same number.
  std::string to;
};

struct ServiceStep {
  std::variant<CreateContainer, StartContainer, StopContainer, RemoveContainer, RenameContainer>
      action;
  std::string reason;  // "its image changed from 1a2b3c4d5e6f to 3c4d5e6f7a8b"
  int number = 1;      // The instance it is about. Steps of different instances are independent.
};

// In the order in which they are carried out. Empty: every container is as desired and runs.
//
// A container is replaced when its configuration hash, its image's id or the network behind its
// name differs, started when it is not running, removed when its number is above the desired
// instances, highest first. With `reach` kCompletedSuccessfully one that exited with 0 is left as
// it is.
//
// A replacement goes: create under a temporary name, stop and remove the old, rename, start. The
// steps follow from what is there, so an `up` that broke off after any of them is completed by the
// next.
std::vector<ServiceStep> ReconcileService(
    const DesiredService& desired, const ObservedService& observed,
    DependencyCondition reach = DependencyCondition::kHealthy);

// One line a step: "create shop-web-1: no container yet".
std::string StepsText(const std::vector<ServiceStep>& steps);
// What the steps come to: "created: no container yet", "unchanged" when there are none.
std::string StepsSummary(const std::vector<ServiceStep>& steps);

// Containers of the project whose service is not in `services`, one-off ones left out.
std::vector<Container> FindOrphans(const std::vector<Container>& observed,
                                   const std::vector<std::string>& services);

}  // namespace nopo
