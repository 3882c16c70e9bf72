// Checks what concerns several targets at once.
#pragma once

#include "daemon/project/diagnostics.h"
#include "daemon/project/project.h"

namespace nopo {

// Reports names that are malformed or clash, and dependencies on targets that don't exist; writes
// names of dependencies as their targets spell them. Cycles are not checked: they concern only the
// requests that run into them.
void ValidateProject(Project& project, Diagnostics& diagnostics);

}  // namespace nopo
