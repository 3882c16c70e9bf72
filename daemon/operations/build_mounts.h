// What a build may mount while it runs, as the caller has it.
#pragma once

#include "absl/status/status.h"
#include "daemon/build/image_builder.h"
#include "daemon/operations/settings.h"

namespace nopo {

// Reads the secrets of `build` and finds its SSH agents. A variable that is not set is no secret:
// the Dockerfile says whether it must be there.
//
// Errors (CONFIGURATION): a file that cannot be read or is larger than BuildKit takes (500 KB), an
// agent that is no socket.
absl::Status ReadBuildMounts(const ImageBuild& build, const Settings& settings,
                             ImageBuildOptions& options);

}  // namespace nopo
