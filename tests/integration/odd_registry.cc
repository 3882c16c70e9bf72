#include "tests/integration/odd_registry.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

constexpr char kTlsHandshake = 0x16;  // The first byte of a client that greets in TLS.
const std::string kNoTls = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

}  // namespace

OddRegistry::OddRegistry(std::string answer) : answer_(std::move(answer)) {
  listener_.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
  EXPECT_EQ(::listen(listener_.get(), SOMAXCONN), 0);
  EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  acceptor_ = std::thread([this] { Accept(); });
}

OddRegistry::~OddRegistry() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (const UniqueFd& caller : callers_) ::shutdown(caller.get(), SHUT_RDWR);
  for (std::thread& server : servers_) server.join();
}

int OddRegistry::waiting() const {
  MutexLock lock(mutex_);
  return waiting_;
}

void OddRegistry::Accept() {
  while (true) {
    UniqueFd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!caller.valid()) return;
    servers_.emplace_back([this, fd = caller.get()] { Serve(fd); });
    callers_.push_back(std::move(caller));
  }
}

// One call a connection. Engines greet in TLS first; told that there is none they call without.
void OddRegistry::Serve(int caller) {
  std::array<char, 4096> request;
  const bool is_silent = answer_.empty() && ::recv(caller, request.data(), 1, MSG_PEEK) == 1 &&
                         request[0] != kTlsHandshake;
  const std::string& answer = answer_.empty() ? kNoTls : answer_;
  CountWaiting(is_silent ? 1 : 0);
  while (::read(caller, request.data(), request.size()) > 0) {
    if (is_silent) continue;
    (void)!::write(caller, answer.data(), answer.size());
    ::shutdown(caller, SHUT_WR);
  }
  CountWaiting(is_silent ? -1 : 0);
}

void OddRegistry::CountWaiting(int change) {
  MutexLock lock(mutex_);
  waiting_ += change;
}

}  // namespace nopo
