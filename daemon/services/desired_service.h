// What a service's containers should be: from nopo.yml, image names and environment. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/docker/types.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

struct DesiredService {
  std::string project;  // Slug; prefix of all names and the value of Compose's project label.
  std::string service;  // Target id.
  std::string image;    // Tag that it runs.
  // Without what depends on the container's number or the image's id; see InstanceSpec.
  ContainerSpec spec;
  std::string container_name;  // compose.container_name; "" = PROJECT-SERVICE-N.
  int instances = 1;
  bool uses_project_network = true;  // False with compose.network_mode.
  // Named volumes to create first: name in the engine and Compose's volume label.
  struct NamedVolume {
    std::string name, key;
  };
  std::vector<NamedVolume> volumes;
  // kCompletedSuccessfully where another service waits for that; else kHealthy.
  DependencyCondition reach = DependencyCondition::kHealthy;
  // Identifies everything of `spec` that an existing container must have been made with, limits
  // included; kept in label "nopo.config-hash". The image is not part of it.
  std::string config_hash;
  absl::Duration stop_grace = absl::Seconds(10);
};

// The names that Compose would give: "<slug>_default", "<slug>-web-1".
std::string NetworkName(const Project& project);
std::string ContainerName(const DesiredService& service, int number);

// `environment` is the caller's, `dotenv` the project's file: both for the variables in `compose`
// and for pass-through keys of `compose.environment`, the caller's first. `image` is the tag that
// the service runs, `instances` at least 1.
//
// What runs is compose.command, else infrastructure.command, else commands.start (with its `env`
// under compose.environment), else the image's own. Without compose.ports infrastructure.port is
// published on 127.0.0.1 at any free port.
//
// Errors (reason CONFIGURATION): a value of `compose` that does not fit once its variables are in
// it; an attribute combination that cannot be honoured. Both name it.
absl::StatusOr<DesiredService> DesiredServiceOf(const Project& project, const Target& target,
                                                const std::string& image, int instances,
                                                const EnvironmentMap& environment,
                                                const EnvironmentMap& dotenv);

// What instance `number` is created with: `spec` plus number, name alias, image id, and the labels
// that carry them. `host_ports` are taken where `spec` asks for any free one.
ContainerSpec InstanceSpec(const DesiredService& service, int number, const std::string& image_id,
                           const std::vector<PortMapping>& host_ports);

}  // namespace nopo
