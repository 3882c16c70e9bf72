// The daemon's listening socket: who may connect, and when the daemon is replaced.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"
#include "daemon/rpc/socket_file.h"

namespace nopo {

// The daemon's listening socket, and its file if the daemon made it.
struct ServerSocket {
  UniqueFd listener;
  std::optional<SocketFile> file;
};

// Binds and listens at `path` (mode 0600), or takes the socket that systemd passed (LISTEN_FDS) and
// keeps for the next daemon. A stale socket at `path` is removed: only the holder of the daemon's
// lock may call this.
//
// Errors: those of RemoveSocketFile.
absl::StatusOr<ServerSocket> ListenAt(const std::filesystem::path& path);

// Accepts connections of the daemon's own user and hands them on. Owns a thread.
class ConnectionAcceptor {
 public:
  // `handle` takes over an accepted, non-blocking socket. `lost` is called once, when clients find
  // the socket's file no more, and returns at once. The socket must live longer.
  ConnectionAcceptor(const ServerSocket& socket, std::function<void(UniqueFd)> handle,
                     std::function<void()> lost);
  // Stops accepting and joins.
  ~ConnectionAcceptor();

 private:
  void Work();
  void Accept();

  const ServerSocket& socket_;
  const std::function<void(UniqueFd)> handle_;
  const std::function<void()> lost_;
  UniqueFd wake_;  // eventfd that ends the thread.
  std::thread thread_;
};

}  // namespace nopo
