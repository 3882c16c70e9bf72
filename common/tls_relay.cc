#include "common/tls_relay.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace nopo {
namespace {

constexpr size_t kPieceSize = 16 << 10;  // TLS's own records are no larger.

bool MustWait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

TlsRelay::TlsRelay(SslPointer ssl, UniqueFd encrypted, UniqueFd plain)
    : ssl_(std::move(ssl)), encrypted_(std::move(encrypted)), plain_(std::move(plain)) {
  ::fcntl(encrypted_.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(plain_.get(), F_SETFL, O_NONBLOCK);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  thread_ = std::thread([this] { Run(); });
}

TlsRelay::~TlsRelay() {
  ::shutdown(plain_.get(), SHUT_RDWR);
  ::shutdown(encrypted_.get(), SHUT_RDWR);
  thread_.join();
}

void TlsRelay::Run() {
  while (CarryIn() && CarryOut()) Wait();
  SSL_shutdown(ssl_.get());
  ::shutdown(plain_.get(), SHUT_RDWR);
  ::shutdown(encrypted_.get(), SHUT_RDWR);
  ended_ = true;
}

bool TlsRelay::CarryIn() {
  std::array<char, kPieceSize> buffer;
  while (true) {
    while (!in_.empty()) {
      const ssize_t sent = ::send(plain_.get(), in_.data(), in_.size(), MSG_NOSIGNAL);
      if (sent < 0) return MustWait(errno);
      in_.erase(0, static_cast<size_t>(sent));
    }
    ERR_clear_error();
    const int read = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (read <= 0) {
      const int error = SSL_get_error(ssl_.get(), read);
      return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }
    in_.assign(buffer.data(), static_cast<size_t>(read));
  }
}

bool TlsRelay::CarryOut() {
  std::array<char, kPieceSize> buffer;
  wants_to_write_ = false;
  while (true) {
    if (out_.empty()) {
      const ssize_t read = ::recv(plain_.get(), buffer.data(), buffer.size(), 0);
      if (read < 0) return MustWait(errno);
      if (read == 0) return false;
      out_.assign(buffer.data(), static_cast<size_t>(read));
    }
    ERR_clear_error();
    const int written = SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size()));
    if (written <= 0) {
      const int error = SSL_get_error(ssl_.get(), written);
      wants_to_write_ = error == SSL_ERROR_WANT_WRITE;
      return wants_to_write_ || error == SSL_ERROR_WANT_READ;
    }
    out_.erase(0, static_cast<size_t>(written));
  }
}

// Until something can be carried. What waits to be taken in is not added to, so that a reader that
// lags holds the sender up.
void TlsRelay::Wait() {
  const short encrypted =
      static_cast<short>((in_.empty() ? POLLIN : 0) | (wants_to_write_ ? POLLOUT : 0));
  const short plain = static_cast<short>((out_.empty() ? POLLIN : 0) | (in_.empty() ? 0 : POLLOUT));
  std::array<pollfd, 2> entries = {{{encrypted_.get(), encrypted, 0}, {plain_.get(), plain, 0}}};
  ::poll(entries.data(), entries.size(), -1);
}

}  // namespace nopo
