#include "tests/unit/docker/scripted_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace nopo {
namespace {

UniqueFd Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ::unlink(path.c_str());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::listen(fd.get(), 16);
  return fd;
}

// The head of the next request, or "" when the client is gone. Its requests have no bodies.
std::string ReadHead(int fd) {
  std::string head;
  char byte;
  while (head.find("\r\n\r\n") == head.npos) {
    if (::recv(fd, &byte, 1, 0) != 1) return "";
    head += byte;
  }
  return head;
}

}  // namespace

std::string OkAnswer(const std::string& body, const std::string& headers) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

ScriptedServer::ScriptedServer(const std::string& path, Script script)
    : script_(std::move(script)), listener_(Listen(path)), acceptor_([this] { Accept(); }) {}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    MutexLock lock(mutex_);
    for (const UniqueFd& socket : sockets_) ::shutdown(socket.get(), SHUT_RDWR);
  }
  for (std::thread& server : servers_) server.join();
}

int ScriptedServer::connections() const {
  MutexLock lock(mutex_);
  return static_cast<int>(sockets_.size());
}

void ScriptedServer::Accept() {
  for (int fd; (fd = ::accept(listener_.get(), nullptr, nullptr)) >= 0;) {
    MutexLock lock(mutex_);
    sockets_.emplace_back(fd);
    servers_.emplace_back([this, fd] { Serve(fd); });
  }
}

void ScriptedServer::Serve(int fd) {
  for (std::string head; !(head = ReadHead(fd)).empty();) {
    const std::string answer = script_(head.substr(0, head.find("\r\n")));
    if (answer.empty()) break;
    ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (answer.find("Connection: close") != answer.npos) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

}  // namespace nopo
