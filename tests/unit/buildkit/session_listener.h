// The part of an engine that sessions are offered to: accepts them and calls them back.
#pragma once

#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/endpoint.h"
#include "common/mutex.h"
#include "common/unique_fd.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {

class SessionListener {
 public:
  struct Offered {
    std::string request;                     // The head of the HTTP request.
    std::shared_ptr<grpc::Channel> channel;  // To the services of the session.
  };

  SessionListener() : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    endpoint_.path = (directory_.path() / "engine.sock").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, endpoint_.path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~SessionListener() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
  }

  const Endpoint& endpoint() const { return endpoint_; }
  // Those offered so far.
  std::vector<Offered> offered() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return offered_;
  }

 private:
  void Accept() {
    while (true) {
      UniqueFd fd(::accept(listener_.get(), nullptr, nullptr));
      if (!fd.valid()) return;
      std::string request;
      char c = 0;
      while (!absl::EndsWith(request, "\r\n\r\n") && ::read(fd.get(), &c, 1) == 1) request += c;
      MutexLock lock(mutex_);
      Answer(fd.get());
      offered_.push_back({request, grpc::CreateInsecureChannelFromFd("session", fd.Release())});
    }
  }

  static void Answer(int fd) {
    constexpr char kAnswer[] =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    EXPECT_EQ(::write(fd, kAnswer, sizeof(kAnswer) - 1), sizeof(kAnswer) - 1);
  }

  const TempDirectory directory_;
  Endpoint endpoint_;
  const UniqueFd listener_;
  std::thread acceptor_;
  Mutex mutex_;
  std::vector<Offered> offered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
