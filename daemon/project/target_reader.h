// Reads a target's nopo.yml.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"
#include "daemon/project/project_files.h"

namespace nopo {

// The target in directory `dir`; `document` is the content of its nopo.yml. What doesn't fit is
// reported. Names of other targets are not checked here.
Target ReadTarget(const ConfigValue& document, const std::filesystem::path& dir,
                  ProjectFiles& files);

}  // namespace nopo
