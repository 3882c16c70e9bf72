#include "common/endpoint.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

namespace nopo {
namespace {

using ::testing::HasSubstr;

Endpoint Parsed(const std::string& text) {
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(text);
  EXPECT_TRUE(endpoint.ok()) << endpoint.status();
  return endpoint.value_or(Endpoint());
}

// A directory that is gone afterwards.
class ScopedDirectory {
 public:
  ScopedDirectory() {
    std::string pattern = ::testing::TempDir() + "/nopo-endpoint-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~ScopedDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

UniqueFd ListenOn(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  return fd;
}

// A port of this machine, and its listener.
std::pair<int, UniqueFd> ListenOnAnyPort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return {ntohs(address.sin_port), std::move(fd)};
}

TEST(EndpointTest, ReadsAndWritesAUnixSocket) {
  EXPECT_EQ(Parsed("unix:///run/x.sock").path, "/run/x.sock");
  EXPECT_EQ(Parsed("unix:///run/x.sock").ToString(), "unix:///run/x.sock");
}

TEST(EndpointTest, ReadsAndWritesATcpPort) {
  const Endpoint endpoint = Parsed("tcp://builder:1234/");

  EXPECT_EQ(endpoint.kind, Endpoint::Kind::kTcp);
  EXPECT_EQ(endpoint.host, "builder");
  EXPECT_EQ(endpoint.port, 1234);
  EXPECT_EQ(endpoint.ToString(), "tcp://builder:1234");
}

TEST(EndpointTest, TcpWithoutAPortIsDockers) { EXPECT_EQ(Parsed("tcp://builder").port, 2375); }

TEST(EndpointTest, WhatItCannotUseIsAnErrorThatSaysWhatItCan) {
  for (const char* text : {"", "unix://", "unix://relative", "http://host:1", "tcp://", "tcp://h:x",
                           "tcp://h:0", "tcp://h:65536", "tcp://:1", "/run/x.sock"}) {
    const absl::Status status = ParseEndpoint(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("unix:///path and tcp://host:port"));
  }
}

TEST(DialTest, ConnectsToAUnixSocket) {
  const ScopedDirectory dir;
  const UniqueFd listener = ListenOn(dir / "s");

  EXPECT_TRUE(Dial(Parsed("unix://" + (dir / "s"))).ok());
}

TEST(DialTest, ConnectsToATcpPort) {
  const auto [port, listener] = ListenOnAnyPort();

  EXPECT_TRUE(Dial({.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = port}).ok());
}

TEST(DialTest, NobodyListeningIsUnavailable) {
  const ScopedDirectory dir;
  auto [port, listener] = ListenOnAnyPort();
  listener.Reset();
  ListenOn(dir / "stale");

  EXPECT_EQ(Dial(Parsed("unix://" + (dir / "absent"))).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Dial(Parsed("unix://" + (dir / "stale"))).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Dial({.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = port}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(DialTest, APathThatNoSocketCanHaveIsAnError) {
  const absl::Status status = Dial(Parsed("unix:///" + std::string(200, 'x'))).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("longer than"));
}

}  // namespace
}  // namespace nopo
