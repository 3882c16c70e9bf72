// Reads `commands:` of a target or of the root.
#pragma once

#include <vector>

#include "daemon/project/config_value.h"
#include "daemon/project/project.h"

namespace nopo {

// What fits of `commands`, inheritance resolved; the rest is reported.
std::vector<Command> ReadCommands(const ConfigValue& commands);

}  // namespace nopo
