// The base image as a target of `build` and `pull`.
#pragma once

#include "daemon/project/project.h"
#include "daemon/project/target_selection.h"

namespace nopo {

// Takes the base image out of `selection` and says whether it was there: by the root's name, or as
// "base" where no target has that name.
bool TakeBaseImage(const Project& project, TargetSelection& selection);

}  // namespace nopo
