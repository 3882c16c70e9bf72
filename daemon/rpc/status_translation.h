// absl::Status on the wire: canonical code, message, and google.rpc details.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace nopo {

namespace v1 {
class EventList;
}  // namespace v1

// `status`, which is not OK, with `events` to go with it.
absl::Status WithEvents(absl::Status status, const v1::EventList& events);

// Details: ErrorInfo{reason, domain "nopo", metadata "exit_code"}, Help with one description per
// hint, for configuration errors BadRequest with one violation per line "place: description", and
// the EventList that the status has.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace nopo
