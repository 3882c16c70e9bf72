// Addresses of the servers nopo talks to, and connecting to them.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/unique_fd.h"

namespace nopo {

// How a connection is encrypted. Files are PEM, their paths absolute.
struct TlsSettings {
  std::string authority;         // Certificates that vouch for the server; "" = the system's.
  std::string certificate, key;  // Who we are; "" when the server does not ask.
  std::string server_name;       // In the server's certificate; "" = the endpoint's host.
  std::string protocol;          // What is spoken within (ALPN: "h2"); "" = not said.
  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

// Where a server listens: a unix socket or a TCP port.
struct Endpoint {
  enum class Kind { kUnix, kTcp };
  Kind kind = Kind::kUnix;
  std::string path;                // kUnix: absolute path of the socket.
  std::string host;                // kTcp.
  int port = 0;                    // kTcp.
  std::optional<TlsSettings> tls;  // kTcp; see tls_dialer.h.

  // "unix:///run/x.sock" or "tcp://host:1234".
  std::string ToString() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

inline constexpr int kDockerPort = 2375;  // Docker's plain-text port.

// Reads "unix:///path" or "tcp://host[:port]"; without a port it is `default_port`.
//
// Errors: INVALID_ARGUMENT naming what was found and what is accepted.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text, int default_port = kDockerPort);

// Connects, without a look at `tls`. The socket blocks and is closed on exec.
//
// Errors:
//   UNAVAILABLE        nobody listens there
//   PERMISSION_DENIED  the user may not use the socket
//   CANCELLED
absl::StatusOr<UniqueFd> Dial(const Endpoint& endpoint,
                              const Cancellation& cancellation = Cancellation());

}  // namespace nopo
