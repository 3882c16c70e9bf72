// What `up` and `watch` ask of the daemon.
#pragma once

#include "absl/status/status.h"
#include "cli/arguments.h"

namespace nopo {

namespace v1 {
class UpRequest;
}  // namespace v1

// Errors: as FillCaller.
absl::Status FillUpRequest(const Arguments& arguments, v1::UpRequest& request);

}  // namespace nopo
