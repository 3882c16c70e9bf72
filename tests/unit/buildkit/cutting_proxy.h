// Stands between a client and an engine, and cuts their connections as an engine's restart would.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <list>
#include <string>
#include <thread>

#include "common/endpoint.h"
#include "common/mutex.h"

namespace nopo {

class CuttingProxy {
 public:
  // Listens at `path` for connections to `engine`.
  CuttingProxy(const std::string& path, Endpoint engine)
      : engine_(std::move(engine)), listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    endpoint_.path = path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~CuttingProxy() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    CutAll();
    for (std::thread& pump : pumps_) pump.join();
  }

  const Endpoint& endpoint() const { return endpoint_; }

  void CutAll() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    for (const UniqueFd& fd : connections_) ::shutdown(fd.get(), SHUT_RDWR);
  }

 private:
  void Accept() ABSL_LOCKS_EXCLUDED(mutex_) {
    while (true) {
      UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      absl::StatusOr<UniqueFd> engine = Dial(engine_);
      if (!engine.ok()) continue;
      const int from = client.get(), to = engine->get();
      {
        MutexLock lock(mutex_);
        connections_.push_back(std::move(client));
        connections_.push_back(*std::move(engine));
      }
      pumps_.emplace_back([=] { Pump(from, to); });
      pumps_.emplace_back([=] { Pump(to, from); });
    }
  }

  static void Pump(int from, int to) {
    char buffer[65536];
    ssize_t size;
    while ((size = ::recv(from, buffer, sizeof(buffer), 0)) > 0) {
      if (::send(to, buffer, size, MSG_NOSIGNAL) != size) break;
    }
    ::shutdown(to, SHUT_RDWR);
    ::shutdown(from, SHUT_RDWR);
  }

  const Endpoint engine_;
  Endpoint endpoint_;
  const UniqueFd listener_;
  Mutex mutex_;
  std::list<UniqueFd> connections_ ABSL_GUARDED_BY(mutex_);
  std::list<std::thread> pumps_;  // Touched by the acceptor, and once that has ended.
  std::thread acceptor_;
};

}  // namespace nopo
