// Connections to servers that may want TLS, as plain sockets.
//
// gRPC's unsecured library and the HTTP client want a descriptor with plain bytes. For an endpoint
// with TLS they get one end of a socket pair; a relay, which has a thread as long as the connection
// lives, carries the bytes between the other end and the encrypted connection. A process with such
// endpoints ignores SIGPIPE: OpenSSL writes to sockets without asking not to be signalled.
#pragma once

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "common/unique_fd.h"

namespace nopo {

// Connects and, where `endpoint.tls` says so, agrees on encryption. The descriptor blocks and is
// closed on exec; closing it ends the connection.
//
// Errors:
//   as Dial
//   FAILED_PRECONDITION  the server's certificate does not convince, or the server is not convinced
//                        of ours; a file of `endpoint.tls` cannot be used
absl::StatusOr<UniqueFd> DialEndpoint(const Endpoint& endpoint, const Cancellation& cancellation);

}  // namespace nopo
