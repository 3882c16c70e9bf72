// Turns a connection to the engine's HTTP port into a bare byte stream, as BuildKit's endpoints
// want.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "common/unique_fd.h"

namespace nopo {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Asks on the connected, blocking socket `fd` to upgrade to HTTP/2 by POST `path`. Reads the answer
// and not a byte more: the engine's first frames follow right behind it.
//
// Errors: UNAVAILABLE when the connection ends; FAILED_PRECONDITION naming the answer when it is
// not 101; both with a reason.
absl::Status UpgradeConnection(int fd, absl::string_view path, const HttpHeaders& headers);

// Connects to `engine` and upgrades. The socket is non-blocking, as gRPC needs it.
//
// Errors: as above and those of Dial, UNAVAILABLE as ENGINE_UNAVAILABLE; CANCELLED.
absl::StatusOr<UniqueFd> DialUpgraded(const Endpoint& engine, absl::string_view path,
                                      const HttpHeaders& headers, const Cancellation& cancellation);

}  // namespace nopo
