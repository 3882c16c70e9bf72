// The folder in which Docker's client keeps a user's configuration.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "absl/status/statusor.h"
#include "common/runtime_paths.h"

namespace nopo {

// $DOCKER_CONFIG, else ~/.docker; empty when there is no HOME. `environment` is the user's.
std::filesystem::path DockerConfigFolder(const EnvironmentReader& environment);

// One of its files; nullopt when there is none.
//
// Errors: INVALID_ARGUMENT (CONFIGURATION) when it is no JSON.
absl::StatusOr<std::optional<boost::json::value>> ReadDockerConfigFile(
    const std::filesystem::path& path);

}  // namespace nopo
