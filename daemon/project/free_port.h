#pragma once

#include "absl/status/statusor.h"

namespace nopo {

// A TCP port of 127.0.0.1 that nobody has at this moment.
absl::StatusOr<int> FindFreePort();

}  // namespace nopo
