// The daemon's gRPC server on its unix socket.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/rpc/handler_context.h"
#include "daemon/rpc/server_socket.h"

namespace nopo {

class RpcServer {
 public:
  // Serves on `socket` until destroyed, and retires the daemon when its file is taken away. Both
  // arguments must outlive it. Health checking and reflection are on.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const ServerSocket& socket,
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
