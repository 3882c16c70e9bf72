// Decides what must happen to a service's containers. Pure: from desired and observed to steps.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "daemon/docker/types.h"
#include "daemon/services/desired_service.h"

namespace nopo {

struct CreateContainer {
  std::string name;
  int number = 1;
  std::string replaces;  // Id of the container whose place it takes; "" = none.
  // Host ports that the replaced container had where any free port will do: kept if possible.
  std::vector<PortMapping> keep_ports;
};
struct StartContainer {
  std::string name, id;  // Id empty: the one just created under that name.
};
struct StopContainer {
  std::string name, id;
};
struct RemoveContainer {
  std::string name, id;
};

struct ServiceStep {
  std::variant<CreateContainer, StartContainer, StopContainer, RemoveContainer> action;
  std::string reason;  // "its image changed from sha256:1a2b to sha256:3c4d"
};

// In the order in which they are carried out. Empty: every container is as desired and runs.
//
// A container is replaced when its configuration hash or the id of its image differs, started when
// it is not running, removed when its number is above the desired instances. `observed` are the
// service's containers that are not one-off, in any order.
std::vector<ServiceStep> ReconcileService(const DesiredService& desired,
                                          const std::string& image_id,
                                          const std::vector<Container>& observed);

// One line a step: "create shop-web-1: no container yet".
std::string StepsText(const std::vector<ServiceStep>& steps);

// Containers of the project whose service is not in `services`, one-off ones left out.
std::vector<Container> FindOrphans(const std::vector<Container>& observed,
                                   const std::vector<std::string>& services);

}  // namespace nopo
