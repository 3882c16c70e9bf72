// A session's connection where the server offers no other: its bytes travel in messages of a call.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace grpc {
class Channel;
}

namespace nopo {

class SessionTunnel {
 public:
  // Calls moby.buildkit.v1.Control/Session on `channel` with `metadata`. Owns two threads.
  //
  // Errors: INTERNAL when the system has no socket left.
  static absl::StatusOr<std::unique_ptr<SessionTunnel>> Open(
      const std::shared_ptr<grpc::Channel>& channel,
      const std::vector<std::pair<std::string, std::string>>& metadata);
  // Ends the call.
  ~SessionTunnel();

  // Our end, non-blocking as gRPC needs it; to be taken once.
  UniqueFd TakeEnd() { return std::move(end_); }

 private:
  struct Call;
  SessionTunnel(std::unique_ptr<Call> call, UniqueFd end, UniqueFd inner);

  const std::unique_ptr<Call> call_;
  UniqueFd end_;
  const UniqueFd inner_;  // The other end, which the threads read and write.
  std::thread sender_, receiver_;
};

}  // namespace nopo
