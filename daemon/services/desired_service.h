// What a service's containers should be: from nopo.yml, image names and environment. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/docker/types.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

struct DesiredService {
  std::string project;  // Slug; prefix of all names and the value of Compose's project label.
  std::string service;  // Target id.
  std::string image;    // Tag that it runs.
  ContainerSpec spec;   // Without what depends on the container's number or the image's id.
  std::string container_name;  // compose.container_name; "" = PROJECT-SERVICE-N.
  int instances = 1;
  // Named volumes to create first: name in the engine and Compose's volume label.
  struct NamedVolume {
    std::string name, key;
  };
  std::vector<NamedVolume> volumes;
  // Identifies everything of `spec` that an existing container must have been made with; kept in
  // label "nopo.config-hash". Limits and the image's id are not part of it.
  std::string config_hash;
  absl::Duration stop_grace = absl::Seconds(10);
};

// The names that Compose would give: "<slug>_default", "<slug>-web-1".
std::string NetworkName(const Project& project);
std::string ContainerName(const DesiredService& service, int number);

// `environment` is the caller's, `dotenv` the project's file: both for pass-through keys of
// `compose.environment`. `image` is the tag that the service runs, `instances` at least 1.
//
// Errors (reason CONFIGURATION): an attribute combination that cannot be honoured, naming it.
absl::StatusOr<DesiredService> DesiredServiceOf(const Project& project, const Target& target,
                                                const std::string& image, int instances,
                                                const EnvironmentMap& environment,
                                                const EnvironmentMap& dotenv);

}  // namespace nopo
