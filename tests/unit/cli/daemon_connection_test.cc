#include "cli/daemon_connection.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include "common/unique_fd.h"

namespace nopo {
namespace {

class DaemonConnectionTest : public ::testing::Test {
 protected:
  DaemonConnectionTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nopo-dc-XXXXXX").string();
    paths_.socket = std::filesystem::path(::mkdtemp(pattern.data())) / "nopod.sock";
  }
  ~DaemonConnectionTest() override { std::filesystem::remove_all(paths_.socket.parent_path()); }

  // A socket at paths_ whose connections nobody has accepted yet.
  UniqueFd Listen() {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, paths_.socket.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    return listener;
  }

  RuntimePaths paths_;
  Observation observation_;
};

TEST_F(DaemonConnectionTest, IsUnavailableWhereNobodyListens) {
  DaemonConnection connection(paths_, observation_);

  EXPECT_EQ(connection.ConnectToRunning().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(connection.channel(), nullptr);
}

TEST_F(DaemonConnectionTest, IsUnavailableWhenTheDaemonDiesBeforeItTakesTheConnection) {
  UniqueFd listener = Listen();
  std::thread dying_daemon([&] { UniqueFd(::accept(listener.get(), nullptr, nullptr)).Reset(); });
  DaemonConnection connection(paths_, observation_);

  const absl::Status status = connection.ConnectToRunning();

  dying_daemon.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(connection.channel(), nullptr);
}

TEST_F(DaemonConnectionTest, IsThereOnceTheDaemonHasSpoken) {
  UniqueFd listener = Listen();
  UniqueFd accepted;
  std::thread daemon([&] {
    accepted = UniqueFd(::accept(listener.get(), nullptr, nullptr));
    EXPECT_EQ(::send(accepted.get(), "x", 1, 0), 1);
  });
  DaemonConnection connection(paths_, observation_);

  const absl::Status status = connection.ConnectToRunning();

  daemon.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_NE(connection.channel(), nullptr);
}

}  // namespace
}  // namespace nopo
