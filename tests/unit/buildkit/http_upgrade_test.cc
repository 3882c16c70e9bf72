#include "daemon/buildkit/http_upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using testing::HasSubstr;

constexpr char kSwitching[] =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

class HttpUpgradeTest : public testing::Test {
 protected:
  HttpUpgradeTest() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    client_.Reset(fds[0]);
    engine_.Reset(fds[1]);
  }

  // What the engine will have said by the time it is asked.
  void EngineSays(const std::string& bytes) {
    ASSERT_EQ(::send(engine_.get(), bytes.data(), bytes.size(), 0), bytes.size());
  }

  static std::string Receive(int fd) {
    char buffer[4096];
    const ssize_t size = ::recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    return std::string(buffer, size < 0 ? 0 : size);
  }

  UniqueFd client_;
  UniqueFd engine_;
};

TEST_F(HttpUpgradeTest, SendsAnUpgradeWithItsHeaders) {
  EngineSays(kSwitching);

  ASSERT_TRUE(UpgradeConnection(client_.get(), "/session", {{"X-A", "1"}, {"X-A", "2"}}).ok());

  EXPECT_EQ(Receive(engine_.get()),
            "POST /session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
            "X-A: 1\r\nX-A: 2\r\n\r\n");
}

TEST_F(HttpUpgradeTest, LeavesWhatFollowsTheAnswerInTheSocket) {
  EngineSays(absl::StrCat(kSwitching, "PRI * HTTP/2.0\r\n\r\n"));

  ASSERT_TRUE(UpgradeConnection(client_.get(), "/grpc", {}).ok());

  EXPECT_EQ(Receive(client_.get()), "PRI * HTTP/2.0\r\n\r\n");
}

TEST_F(HttpUpgradeTest, NamesTheAnswerOfAnEngineWithoutBuildkit) {
  EngineSays("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

  const absl::Status status = UpgradeConnection(client_.get(), "/grpc", {});

  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), Reason::kEngineFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("404 Not Found"));
}

TEST_F(HttpUpgradeTest, NoticesAnEngineThatHangsUp) {
  EngineSays("HTTP/1.1 101 Swi");
  ::shutdown(engine_.get(), SHUT_WR);

  const absl::Status status = UpgradeConnection(client_.get(), "/grpc", {});

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), Reason::kEngineUnavailable);
}

TEST(DialUpgradedTest, SaysThatNoEngineListens) {
  const TempDirectory dir;
  const Endpoint nowhere = {.path = (dir.path() / "docker.sock").string()};

  const absl::Status status = DialUpgraded(nowhere, "/grpc", {}, Cancellation()).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), Reason::kEngineUnavailable);
}

}  // namespace
}  // namespace nopo
