#include "daemon/rpc/server_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr int kAcceptPauseMs = 100;
constexpr int kFirstSystemdFd = 3;  // sd_listen_fds(3).

absl::Status SocketError(const std::filesystem::path& path, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path.string(), ": ", std::strerror(errno)));
}

bool PassedBySystemd() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  int listen_pid = 0;
  return pid != nullptr && count != nullptr && absl::SimpleAtoi(pid, &listen_pid) &&
         listen_pid == ::getpid() && std::strcmp(count, "1") == 0;
}

// A connection of another user is closed: the socket's mode already forbids it, unless it was
// opened up by hand.
bool PeerIsOurselves(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid();
}

}  // namespace

absl::StatusOr<ServerSocket> ListenAt(const std::filesystem::path& path) {
  if (PassedBySystemd()) {
    ::fcntl(kFirstSystemdFd, F_SETFD, FD_CLOEXEC);
    ::fcntl(kFirstSystemdFd, F_SETFL, O_NONBLOCK);
    return ServerSocket{.listener = UniqueFd(kFirstSystemdFd), .file = {}};
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the socket's path is longer than ", sizeof(address.sun_path) - 1,
                     " characters: ", path.string(), "; set NOPO_SOCKET to a shorter one"));
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.valid()) return SocketError(path, "open a socket for");
  NOPO_RETURN_IF_ERROR(RemoveSocketFile(path));
  // On Linux the mode given to an unbound socket is the mode of its file: there is no moment at
  // which others could connect.
  ::fchmod(listener.get(), 0600);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return SocketError(path, "bind");
  }
  ::chmod(path.c_str(), 0600);
  if (::listen(listener.get(), SOMAXCONN) != 0) return SocketError(path, "listen at");
  return ServerSocket{.listener = std::move(listener), .file = SocketFile(path)};
}

ConnectionAcceptor::ConnectionAcceptor(const ServerSocket& socket,
                                       std::function<void(UniqueFd)> handle,
                                       std::function<void()> lost)
    : socket_(socket),
      handle_(std::move(handle)),
      lost_(std::move(lost)),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Work(); }) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void ConnectionAcceptor::Work() {
  const int changes = socket_.file.has_value() ? socket_.file->change_fd() : -1;
  pollfd watched[] = {
      {wake_.get(), POLLIN, 0}, {socket_.listener.get(), POLLIN, 0}, {changes, POLLIN, 0}};
  while (true) {
    if (::poll(watched, std::size(watched), -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) Accept();
    if (watched[2].revents == 0) continue;
    socket_.file->TakeChanges();
    if (!socket_.file->IsLost()) continue;
    watched[2].fd = -1;
    lost_();
  }
}

void ConnectionAcceptor::Accept() {
  UniqueFd connection(
      ::accept4(socket_.listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection.valid()) {
    // Out of descriptors, most likely: give the others time to close some.
    pollfd wake = {wake_.get(), POLLIN, 0};
    if (errno != EAGAIN && errno != EINTR) ::poll(&wake, 1, kAcceptPauseMs);
    return;
  }
  if (!PeerIsOurselves(connection.get())) {
    LogWarning("refused a connection of another user");
    return;
  }
  handle_(std::move(connection));
}

}  // namespace nopo
