// Reads the root nopo.yml.
#pragma once

#include <vector>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"
#include "daemon/project/project_files.h"
#include "daemon/project/services_dirs.h"

namespace nopo {

// Everything of the project but its targets and services_dirs; the patterns of the latter go to
// `patterns`. What doesn't fit is reported.
Project ReadRoot(const ConfigValue& document, ProjectFiles& files,
                 std::vector<ServicesDirPattern>& patterns);

}  // namespace nopo
