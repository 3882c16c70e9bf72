// Judges from one look at a container whether its service has got where it should. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/docker/types.h"
#include "daemon/project/project.h"

namespace nopo {

// True: reached. False: still on its way. Not OK (reason SERVICE_FAILED): it will not get there;
// the message names the container and says what is wrong, with the exit code or the last probe's
// output.
//
// kStarted is reached by a container that runs; kHealthy by one whose health check says so, or that
// runs and has none; kCompletedSuccessfully by an exit with 0. A container that the engine restarts
// again and again counts as failed. nullopt: the container is gone.
absl::StatusOr<bool> ReadinessOf(const std::string& name, const std::optional<Container>& container,
                                 DependencyCondition reach);

// Until when a container that was started at `started_at` (the engine's clock) is watched for an
// exit, if it has no health check that would notice; at most 300 ms from `now`.
absl::Time SettledAt(absl::Time started_at, absl::Time now);

// What keeps it from being ready, for a timeout: "it is still starting; last probe: ...".
std::string WaitingText(const Container& container);

}  // namespace nopo
