// Which BuildKit to build with.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "common/unique_fd.h"

namespace nopo {

inline constexpr int kBuildkitPort = 1234;  // Where buildkitd listens unless told otherwise.

struct BuildkitAddress {
  Endpoint endpoint;
  // Inside the Docker Engine at `endpoint`: it is reached by upgrading connections and puts images
  // into the engine's own store. Otherwise a buildkitd that has nothing to do with any engine.
  bool in_engine = true;
  // Of a buildkitd in a container of the engine at `endpoint`; "" for all others.
  std::string container;

  // For people.
  std::string ToString() const;
  friend bool operator==(const BuildkitAddress&, const BuildkitAddress&) = default;
};

// A plain socket to a buildkitd that its address alone does not lead to; blocks on use.
using BuildkitDialer = std::function<absl::StatusOr<UniqueFd>(const Cancellation&)>;

// The buildkitd at BUILDKIT_HOST=`host`: unix:///path or tcp://host[:port], port 1234 when there is
// none. TCP is encrypted when `variable`, which answers "" for an unset one, knows BUILDKIT_TLS_DIR
// (a folder with ca.pem and, for a daemon that asks who calls, cert.pem and key.pem);
// BUILDKIT_TLS_SERVER_NAME is the name in the daemon's certificate if it is not the host.
//
// Errors: INVALID_ARGUMENT (CONFIGURATION) for anything else, and for files that are not there.
absl::StatusOr<BuildkitAddress> ParseBuildkitHost(
    absl::string_view host, const std::function<std::string(absl::string_view)>& variable);

}  // namespace nopo
