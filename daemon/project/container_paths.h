// Where the project and its targets are in containers.
#pragma once

#include <string>

#include "daemon/project/project.h"

namespace nopo {

// Where the project is: in images that are generated, and mounted in one-off containers.
inline constexpr char kProjectInContainer[] = "/app";

// Where the volume of dependency sync is: the caches of dependency managers.
inline constexpr char kCacheInContainer[] = "/cache";

// The working directory that nopo.yml gives the containers of `service`; "" leaves it to the image.
std::string ConfiguredDirectory(const Target& service);

// The same, or the image's own where that follows from nopo.yml: of generated images. "" when only
// a Dockerfile or a registry knows.
std::string KnownDirectory(const Project& project, const Target& service);

}  // namespace nopo
