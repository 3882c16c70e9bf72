#include "daemon/docker/fd_stream.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace nopo {
namespace {

// The stream's peer gets each system call's bytes as a message of their own.
class FdStreamTest : public testing::Test {
 protected:
  FdStreamTest() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    stream_.emplace(UniqueFd(fds[0]));
    peer_ = UniqueFd(fds[1]);
  }

  size_t Write(const std::vector<std::string>& texts) {
    std::vector<boost::asio::const_buffer> buffers;
    for (const std::string& text : texts) buffers.emplace_back(boost::asio::buffer(text));
    return stream_->write_some(buffers, error_);
  }

  std::string NextMessage() {
    std::string message(64, '\0');
    const ssize_t size = ::recv(peer_.get(), message.data(), message.size(), MSG_DONTWAIT);
    message.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return message;
  }

  std::optional<FdStream> stream_;
  UniqueFd peer_;
  boost::system::error_code error_;
};

TEST_F(FdStreamTest, SendsAllBuffersInOneCall) {
  EXPECT_EQ(Write({"GET /", "", " HTTP/1.1"}), 14u);
  EXPECT_EQ(NextMessage(), "GET / HTTP/1.1");
  EXPECT_EQ(NextMessage(), "");
}

TEST_F(FdStreamTest, SendsTheFirstOfManyBuffersAndSaysSo) {
  EXPECT_EQ(Write(std::vector<std::string>(20, "ab")), 32u);
  EXPECT_EQ(NextMessage().size(), 32u);
  EXPECT_FALSE(error_);
}

TEST_F(FdStreamTest, SendsNothingOfNothing) {
  EXPECT_EQ(Write({}), 0u);
  EXPECT_EQ(Write({"", ""}), 0u);
  EXPECT_FALSE(error_);
}

TEST_F(FdStreamTest, FailsWithoutASignalWhereThePeerIsGone) {
  peer_.Reset();
  EXPECT_EQ(Write({"a"}), 0u);
  EXPECT_EQ(error_, boost::system::errc::broken_pipe);
}

}  // namespace
}  // namespace nopo
