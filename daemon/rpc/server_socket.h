// The daemon's listening socket: who may connect, and when the daemon is replaced.
#pragma once

#include <filesystem>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace nopo {

// The daemon's listening socket; one that the daemon made itself has a file to remove at the end.
struct ServerSocket {
  UniqueFd listener;
  bool owns_file = true;
};

// Binds and listens at `path` (mode 0600), or takes the socket that systemd passed (LISTEN_FDS) and
// keeps for the next daemon. A stale socket at `path` is removed: only the holder of the daemon's
// lock may call this.
//
// Errors: CONFIGURATION when something else than a socket lies there.
absl::StatusOr<ServerSocket> ListenAt(const std::filesystem::path& path);

// Removes the socket at `path`; nothing there is fine. A user's own file may be what NOPO_SOCKET
// names: anything but a socket is left alone, with the error of ListenAt.
absl::Status RemoveSocketFile(const std::filesystem::path& path);

// Accepts connections of the daemon's own user and hands them on. Owns a thread.
class ConnectionAcceptor {
 public:
  // `handle` takes over an accepted, non-blocking socket.
  ConnectionAcceptor(UniqueFd listener, std::function<void(UniqueFd)> handle);
  // Stops accepting and joins.
  ~ConnectionAcceptor();

 private:
  void AcceptAll();

  const UniqueFd listener_;
  const std::function<void(UniqueFd)> handle_;
  UniqueFd wake_;  // eventfd that ends the thread.
  std::thread thread_;
};

}  // namespace nopo
