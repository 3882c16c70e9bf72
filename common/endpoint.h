// Addresses of the servers nopo talks to, and connecting to them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/unique_fd.h"

namespace nopo {

// Where a server listens: a unix socket or a TCP port.
struct Endpoint {
  enum class Kind { kUnix, kTcp };
  Kind kind = Kind::kUnix;
  std::string path;  // kUnix: absolute path of the socket.
  std::string host;  // kTcp.
  int port = 0;      // kTcp.

  // "unix:///run/x.sock" or "tcp://host:1234".
  std::string ToString() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Reads "unix:///path" or "tcp://host[:port]" (port 2375 when absent).
//
// Errors: INVALID_ARGUMENT naming what was found and what is accepted.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);

// Connects. The socket blocks and is closed on exec.
//
// Errors:
//   UNAVAILABLE        nobody listens there
//   PERMISSION_DENIED  the user may not use the socket
absl::StatusOr<UniqueFd> Dial(const Endpoint& endpoint);

}  // namespace nopo
