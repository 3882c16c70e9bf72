// Finds the engine that a user's `docker` would talk to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/endpoint.h"

namespace nopo {

struct EngineChoice {
  Endpoint endpoint;
  std::string source;  // Why this one: "DOCKER_HOST", "context 'colima'", "default socket".
};

// DOCKER_HOST, DOCKER_CONTEXT, the Docker config's current context, the well-known sockets that
// exist; at last the default socket, whether it exists or not. `environment` is the caller's.
//
// Errors: INVALID_ARGUMENT (reason CONFIGURATION) for an address nopo cannot use or a context that
// does not exist.
absl::StatusOr<EngineChoice> DiscoverEngine(
    const std::function<std::string(absl::string_view)>& environment);

}  // namespace nopo
