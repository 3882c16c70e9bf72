// absl::Status on the wire: canonical code, message, and google.rpc details.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace nopo {

// Details: ErrorInfo{reason, domain "nopo", metadata "exit_code"}, Help with one description per
// hint, and for configuration errors BadRequest with one violation per line "place: description".
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace nopo
