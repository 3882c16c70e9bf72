#include "daemon/commands/terminal_relay.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace nopo {
namespace {

constexpr size_t kReadSize = 32 << 10;
// What a task that is over can have left in its terminal is far less and comes at once.
constexpr size_t kMaxRest = 1 << 20;
constexpr int kRestPauseMs = 100;

}  // namespace

TerminalRelay::TerminalRelay(std::string task, int fd, ClientTerminal& client, EventSink& events,
                             std::function<void(TerminalSize)> resize)
    : task_(std::move(task)),
      fd_(fd),
      client_(client),
      events_(events),
      resize_(std::move(resize)),
      buffer_(kReadSize, '\0') {}

TerminalRelay::Polled TerminalRelay::ToPoll() const {
  const short reads = client_.HasRoom() ? POLLIN : 0;
  const short writes = typed_.empty() ? 0 : POLLOUT;
  // Not asked for anything, a closed descriptor would still end every poll() at once.
  const bool of_use = !ended_ && (reads | writes) != 0;
  return {
      {{of_use ? fd_ : -1, static_cast<short>(reads | writes), 0}, {client_.bell_fd(), POLLIN, 0}}};
}

void TerminalRelay::Serve(const Polled& polled) {
  if ((polled[0].revents & POLLOUT) != 0) Write();
  if (polled[1].revents != 0 || typed_.empty()) TakeNews();
  if ((polled[0].revents & ~POLLOUT) != 0) Read();
}

size_t TerminalRelay::Read() {
  const ssize_t size = ::read(fd_, buffer_.data(), buffer_.size());
  // A terminal whose task's side is closed says EIO.
  if (size <= 0) {
    ended_ = size == 0 || (errno != EAGAIN && errno != EINTR);
    return 0;
  }
  client_.Showing(static_cast<size_t>(size));
  events_.Report(
      TaskOutput{task_, TaskOutput::Stream::kStdout, buffer_.substr(0, static_cast<size_t>(size))});
  return static_cast<size_t>(size);
}

void TerminalRelay::TakeNews() {
  ClientTerminal::News news = client_.Take(/*with_typed=*/typed_.empty());
  if (news.size.has_value()) resize_(*news.size);
  if (news.typed.empty()) return;
  typed_ = std::move(news.typed);
  Write();
}

void TerminalRelay::Write() {
  const ssize_t size = ::write(fd_, typed_.data(), typed_.size());
  if (size > 0) typed_.erase(0, static_cast<size_t>(size));
  // Nobody reads what is typed to a task that is ending.
  if (size < 0 && errno != EAGAIN && errno != EINTR) typed_.clear();
}

void TerminalRelay::ReadRest() {
  size_t left = kMaxRest;
  while (!ended_ && left > 0) {
    pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, kRestPauseMs) <= 0) return;
    left -= std::min(left, Read());
  }
}

}  // namespace nopo
