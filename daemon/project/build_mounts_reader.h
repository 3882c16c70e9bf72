// Reads what a build may mount while it runs: `build.secrets` and `build.ssh`.
#pragma once

#include <filesystem>
#include <vector>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"

namespace nopo {

// A list of maps {id, src | file | environment}, or of names of variables. Files are relative to
// `dir`. Mistakes are reported with `value`.
std::vector<BuildSecret> ReadBuildSecrets(const ConfigValue& value,
                                          const std::filesystem::path& dir);

// A list of "default" (the caller's own agent) and "ID=SOCKET".
std::vector<BuildSshAgent> ReadBuildSshAgents(const ConfigValue& value,
                                              const std::filesystem::path& dir);

}  // namespace nopo
