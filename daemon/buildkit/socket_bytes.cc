#include "daemon/buildkit/socket_bytes.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace nopo {

bool SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void CopyFrom(int fd, absl::FunctionRef<bool(absl::string_view bytes)> sink) {
  std::array<char, 32768> buffer;
  while (true) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    if (!sink(absl::string_view(buffer.data(), static_cast<size_t>(size)))) return;
  }
}

}  // namespace nopo
