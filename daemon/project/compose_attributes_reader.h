// Reads `compose:` of a target: the attributes of a Compose service that nopo honours.
#pragma once

#include <filesystem>
#include <vector>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"

namespace nopo {

// Paths are relative to `dir`. Anything that nopo can't honour is reported as an error that names
// it.
ComposeAttributes ReadComposeAttributes(const ConfigValue& value, const std::filesystem::path& dir);

// The parts of it that have grammars of their own.
std::vector<PublishedPort> ReadPublishedPorts(const ConfigValue& value);
std::vector<VolumeMount> ReadVolumeMounts(const ConfigValue& value,
                                          const std::filesystem::path& dir);

}  // namespace nopo
