// One call to the daemon.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "cli/daemon_connection.h"
#include "common/cancellation.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace nopo {

// Makes a call on a channel and returns how it ended. May run twice.
using DaemonCall =
    std::function<grpc::Status(const std::shared_ptr<grpc::Channel>&, grpc::ClientContext&)>;

// Connects (starting the daemon when there is none), tells the daemon this program's version and
// runs `call`; when the daemon is of another version, which it says before it does anything, once
// more with a daemon of this one. When `cancellation` fires, has the daemon cancel the operation
// and goes on with the call until the daemon has ended it.
//
// Errors: those of the connection, what the daemon returned, CANCELLED with INTERRUPTED.
absl::Status CallDaemon(DaemonConnection& daemon, const Cancellation& cancellation,
                        const DaemonCall& call);

// Runs `call` on the daemon that runs, of whatever version.
//
// Errors: UNAVAILABLE when none does; what the daemon returned.
absl::Status CallRunningDaemon(DaemonConnection& daemon, const DaemonCall& call);

}  // namespace nopo
