#include "daemon/services/port_owner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

constexpr char kTable[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  inode\n"
    "   0: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000  0  0 111 1\n"
    "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 222 1\n";

TEST(PortInMessageTest, ReadsWhatTheEngineSays) {
  const PortMapping container =
      PortInMessage("driver failed: Bind for 127.0.0.1:38080 failed: port is already allocated");
  const PortMapping process = PortInMessage(
      "Error starting userland proxy: listen tcp4 127.0.0.1:38081: bind: address "
      "already in use");

  EXPECT_EQ(container.host_ip, "127.0.0.1");
  EXPECT_EQ(container.host_port, 38080);
  EXPECT_EQ(process.host_port, 38081);
  EXPECT_EQ(PortInMessage("Bind for :::80 failed").host_port, 80);
  EXPECT_EQ(PortInMessage("something else").host_port, 0);
}

TEST(PortPublisherTest, IsTheRunningContainerThatHasThePort) {
  const PortMapping port{.host_ip = "127.0.0.1", .host_port = 8080};
  const PortMapping anywhere{.host_ip = "0.0.0.0", .host_port = 8080};
  const std::vector<Container> containers = {AContainer("stopped").Port(port).Exited(0),
                                             AContainer("asking").Port(port),
                                             AContainer("owner").Port(anywhere)};

  EXPECT_EQ(PortPublisher(containers, port, "id-of-shop-asking-1"), &containers[2]);
  EXPECT_EQ(PortPublisher(containers, {.host_ip = "127.0.0.1", .host_port = 81}, ""), nullptr);
}

TEST(ListeningInodeTest, IsThatOfTheListenerNotOfAConnection) {
  EXPECT_EQ(ListeningInode(kTable, 8080), 222u);
  EXPECT_EQ(ListeningInode(kTable, 8081), std::nullopt);
  EXPECT_EQ(ListeningInode("", 8080), std::nullopt);
}

TEST(ListeningProcessTest, FindsTheProcessThatHoldsTheSocket) {
  const std::filesystem::path proc =
      std::filesystem::path(testing::TempDir()) / absl::StrCat("proc-", ::getpid());
  std::filesystem::create_directories(proc / "net");
  std::filesystem::create_directories(proc / "42" / "fd");
  std::ofstream(proc / "net" / "tcp") << kTable;
  std::ofstream(proc / "42" / "comm") << "nginx\n";
  std::filesystem::create_symlink("socket:[222]", proc / "42" / "fd" / "3");

  EXPECT_EQ(ListeningProcess(proc, 8080), "process 'nginx' (pid 42)");
  EXPECT_EQ(ListeningProcess(proc, 9999), "");
  EXPECT_EQ(ListeningProcess(proc / "absent", 8080), "");
  std::filesystem::remove_all(proc);
}

}  // namespace
}  // namespace nopo
