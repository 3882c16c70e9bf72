// A connected socket as Beast wants its streams. Includes Asio: for .cc files only.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

#include "common/unique_fd.h"

namespace nopo {

// A SyncReadStream and SyncWriteStream over a blocking socket. Shutdown may be called from another
// thread while one reads or writes; the latter then fails.
class FdStream {
 public:
  explicit FdStream(UniqueFd fd) : fd_(std::move(fd)) {}

  void Shutdown() { ::shutdown(fd_.get(), SHUT_RDWR); }
  int fd() const { return fd_.get(); }
  UniqueFd Release() { return std::move(fd_); }

  template <typename Buffers>
  size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::mutable_buffer buffer(*it);
      if (buffer.size() > 0) return Receive(buffer, error);
    }
    error = {};
    return 0;
  }

  template <typename Buffers>
  size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    std::array<iovec, kMostBuffers> parts;
    size_t count = 0;
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != boost::asio::buffer_sequence_end(buffers) && count < parts.size(); ++it) {
      const boost::asio::const_buffer buffer(*it);
      if (buffer.size() > 0) parts[count++] = {const_cast<void*>(buffer.data()), buffer.size()};
    }
    error = {};
    return count == 0 ? 0 : Send(parts.data(), count, error);
  }

  // Beast asks for the throwing forms too.
  template <typename Buffers>
  size_t read_some(const Buffers& buffers) {
    boost::system::error_code error;
    const size_t size = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return size;
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers) {
    boost::system::error_code error;
    const size_t size = write_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return size;
  }

 private:
  // More than Beast makes of a request; what is left over goes with the next call.
  static constexpr size_t kMostBuffers = 16;

  size_t Receive(const boost::asio::mutable_buffer& buffer, boost::system::error_code& error) {
    ssize_t size;
    do {
      size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    } while (size < 0 && errno == EINTR);
    if (size > 0) {
      error = {};
      return static_cast<size_t>(size);
    }
    if (size == 0) {
      error = boost::asio::error::eof;
    } else {
      error.assign(errno, boost::system::system_category());
    }
    return 0;
  }

  size_t Send(iovec* parts, size_t count, boost::system::error_code& error) {
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    ssize_t size;
    do {
      // A peer that is gone must be an error here, not a signal to the process.
      size = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
      error.assign(errno, boost::system::system_category());
      return 0;
    }
    return static_cast<size_t>(size);
  }

  UniqueFd fd_;
};

}  // namespace nopo
