#include "tests/fakes/engine_proxy.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

namespace nopo {

EngineProxy::EngineProxy(std::filesystem::path socket, Endpoint engine)
    : socket_(std::move(socket)), engine_(std::move(engine)) {
  Restore();
}

EngineProxy::~EngineProxy() { Cut(); }

void EngineProxy::Restore() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_.c_str(), sizeof(address.sun_path) - 1);
  ::unlink(socket_.c_str());
  listener_.Reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_.get(), SOMAXCONN) != 0) {
    std::perror("EngineProxy");
    return;
  }
  acceptor_ = std::thread([this, fd = listener_.get()] { AcceptUntilCut(fd); });
}

void EngineProxy::Cut() {
  if (!acceptor_.joinable()) return;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  listener_.Reset();
  std::vector<std::thread> copiers;
  {
    MutexLock lock(mutex_);
    for (const UniqueFd& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
    copiers.swap(copiers_);
  }
  for (std::thread& copier : copiers) copier.join();
  MutexLock lock(mutex_);
  connections_.clear();
}

void EngineProxy::AcceptUntilCut(int listener) {
  while (true) {
    UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) return;
    absl::StatusOr<UniqueFd> server = Dial(engine_);
    if (!server.ok()) continue;
    MutexLock lock(mutex_);
    copiers_.emplace_back([from = client.get(), to = server->get()] { Copy(from, to); });
    copiers_.emplace_back([from = server->get(), to = client.get()] { Copy(from, to); });
    connections_.push_back(std::move(client));
    connections_.push_back(*std::move(server));
  }
}

void EngineProxy::Copy(int from, int to) {
  std::array<char, 65536> buffer;
  ssize_t count;
  while ((count = ::recv(from, buffer.data(), buffer.size(), 0)) > 0) {
    for (ssize_t sent = 0; sent < count;) {
      const ssize_t written = ::send(to, buffer.data() + sent, count - sent, MSG_NOSIGNAL);
      if (written <= 0) return;
      sent += written;
    }
  }
  ::shutdown(to, SHUT_WR);
}

}  // namespace nopo
