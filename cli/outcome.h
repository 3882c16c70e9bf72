// How a call ended, in the terms of common/error.h.
#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace nopo {

namespace v1 {
class EventList;
}  // namespace v1

// The status that the daemon returned, with the reason, hints and exit code that it sent as
// google.rpc details. A call that broke off says that the daemon went away,
// one whose answer cannot be parsed that the two do not understand each other.
absl::Status OutcomeOf(const grpc::Status& status);

// What a call that answers once reported before it failed; streams report by events.
v1::EventList EventsOf(const grpc::Status& status);

}  // namespace nopo
