// The builders that buildx knows by name, which DOCKER_BUILDER picks one of.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/runtime_paths.h"
#include "daemon/buildkit/buildkit_address.h"

namespace nopo {

struct BuildxBuilder {
  // Set for a `remote` one: a buildkitd at an address.
  std::optional<BuildkitAddress> address;
  // Set for a `docker-container` one: the name of its container. Which engine that is in is left to
  // the caller.
  std::string container;
  // Why it cannot be used though it was asked for; "" when it can, or is the engine's own BuildKit.
  std::string why_not;
};

// Reads buildx's file of the builder `name` ($BUILDX_CONFIG/instances, else buildx/instances in
// Docker's configuration). `environment` is the user's.
//
// Errors: INVALID_ARGUMENT (CONFIGURATION) for a file that is no JSON, and for an address or
// certificates of a `remote` builder that cannot be used.
absl::StatusOr<BuildxBuilder> FindBuildxBuilder(const std::string& name,
                                                const EnvironmentReader& environment);

}  // namespace nopo
