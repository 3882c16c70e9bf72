#include "tests/fakes/engine_proxy.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace nopo {

EngineProxy::EngineProxy(std::filesystem::path socket, Endpoint engine, Shows shows)
    : socket_(std::move(socket)), engine_(std::move(engine)), shows_(shows) {
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
    absl::StatusOr<UniqueFd> server = DialEngine();
    if (!server.ok()) continue;
    MutexLock lock(mutex_);
    copiers_.emplace_back([from = client.get(), to = server->get()] { Copy(from, to); });
    copiers_.emplace_back([from = server->get(), to = client.get()] { Copy(from, to); });
    connections_.push_back(std::move(client));
    connections_.push_back(*std::move(server));
  }
}

absl::StatusOr<UniqueFd> EngineProxy::DialEngine() const {
  absl::StatusOr<UniqueFd> fd = Dial(engine_);
  if (!fd.ok() || shows_ == Shows::kEngine) return fd;
  constexpr absl::string_view kUpgrade =
      "POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  if (::send(fd->get(), kUpgrade.data(), kUpgrade.size(), MSG_NOSIGNAL) < 0) {
    return absl::UnavailableError("the engine went away");
  }
  // Byte by byte: BuildKit's first bytes follow right behind the answer.
  std::string answer;
  char byte;
  while (!absl::EndsWith(answer, "\r\n\r\n") && ::recv(fd->get(), &byte, 1, 0) == 1) answer += byte;
  return fd;
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
