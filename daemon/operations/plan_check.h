// Whether everything that a project describes could be planned: what `nopo list --validate` says
// beyond the mistakes that no command can do with.
#pragma once

#include "absl/status/status.h"
#include "daemon/project/project.h"

namespace nopo {

// Plans every command, all builds and all starts, and runs nothing.
//
// Errors (CONFIGURATION): FAILED_PRECONDITION with a line for each cycle, of the service level even
// if every command cuts it, and for each command whose own dependencies name one that is not there.
absl::Status CheckPlans(const Project& project);

}  // namespace nopo
