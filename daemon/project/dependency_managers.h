// The dependency managers of a project, as its lockfiles or `sync:` tell.
#pragma once

#include <vector>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"
#include "daemon/project/project_files.h"

namespace nopo {

// Those that are known and whose lockfile lies in the project's root.
std::vector<DependencyManager> FindDependencyManagers(ProjectFiles& files);

// `sync:`, a list of managers, which takes the place of those found. What does not fit is reported
// and left out.
std::vector<DependencyManager> ReadDependencyManagers(const ConfigValue& value,
                                                      ProjectFiles& files);

}  // namespace nopo
