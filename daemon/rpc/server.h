// The daemon's gRPC server on its unix socket.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unique_fd.h"
#include "daemon/rpc/handlers.h"

namespace nopo {

class RpcServer {
 public:
  // Serves on `listener` until destroyed. `context` must outlive it. Health checking and reflection
  // are on.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(UniqueFd listener,
                                                          const HandlerContext& context);
  // Stops accepting; calls still open get `grace` to end.
  void Stop(absl::Duration grace);
  ~RpcServer();

 private:
  struct Parts;
  explicit RpcServer(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace nopo
