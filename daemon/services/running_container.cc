#include "daemon/services/running_container.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/service_logs.h"

namespace nopo {

absl::StatusOr<Container> RunningContainer(const EngineSnapshot& snapshot,
                                           absl::string_view project, const std::string& service,
                                           int index) {
  std::vector<int> numbers;
  for (const Container& container :
       LoggedContainers(snapshot, {.project = std::string(project), .services = {service}})) {
    const ContainerState state = container.state;
    if (state != ContainerState::kRunning && state != ContainerState::kPaused) continue;
    const int number = ContainerNumber(container);
    if (index == 0 || index == number) return container;
    numbers.push_back(number);
  }
  if (numbers.empty()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, Reason::kServiceFailed,
        absl::StrCat(service, " has no running container; `nopo up ", service, "` starts it"));
  }
  return MakeError(absl::StatusCode::kNotFound, Reason::kBadArguments,
                   absl::StrCat(service, " has no running container ", index,
                                "; the running ones are ", absl::StrJoin(numbers, ", ")));
}

}  // namespace nopo
