#include "daemon/commands/terminal_relay.h"

#include <sys/socket.h>
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
constexpr char kEndOfInput[] = "\x04";  // Ctrl-D

}  // namespace

OutputHandler ReportOutput(std::string task, EventSink& events) {
  return [task = std::move(task), &events](ContainerStream stream, absl::string_view data) {
    const bool out = stream == ContainerStream::kStdout;
    events.Report(TaskOutput{task, out ? TaskOutput::Stream::kStdout : TaskOutput::Stream::kStderr,
                             std::string(data)});
  };
}

TerminalRelay::TerminalRelay(RelayedTask task, ClientTerminal& client)
    : task_(std::move(task)),
      client_(client),
      counted_([this](ContainerStream stream, absl::string_view data) {
        if (draining_ && !client_.HasRoom()) return;
        client_.Showing(data.size());
        task_.printed(stream, data);
      }),
      demultiplexer_(task_.on_terminal, counted_),
      buffer_(kReadSize, '\0') {}

TerminalRelay::Polled TerminalRelay::ToPoll() const {
  const short reads = draining_ || client_.HasRoom() ? POLLIN : 0;
  const short writes = typed_.empty() ? 0 : POLLOUT;
  // Not asked for anything, a closed descriptor would still end every poll() at once.
  const bool of_use = !ended_ && (reads | writes) != 0;
  return {{{of_use ? task_.fd : -1, static_cast<short>(reads | writes), 0},
           {client_.bell_fd(), POLLIN, 0}}};
}

void TerminalRelay::Serve(const Polled& polled) {
  if ((polled[0].revents & POLLOUT) != 0) Write();
  if (polled[1].revents != 0 || typed_.empty()) TakeNews();
  if ((polled[0].revents & ~POLLOUT) != 0) Read();
}

void TerminalRelay::Feed(absl::string_view bytes) {
  status_ = demultiplexer_.Feed(bytes);
  if (!status_.ok()) ended_ = true;
}

void TerminalRelay::EndTyping() {
  typed_.clear();
  typed_all_ = true;
  PassEndOn();
}

size_t TerminalRelay::Read() {
  const ssize_t size = ::read(task_.fd, buffer_.data(), buffer_.size());
  // A terminal whose task's side is closed says EIO.
  if (size <= 0) {
    ended_ = size == 0 || (errno != EAGAIN && errno != EINTR);
    return 0;
  }
  Feed(absl::string_view(buffer_).substr(0, static_cast<size_t>(size)));
  return static_cast<size_t>(size);
}

void TerminalRelay::TakeNews() {
  ClientTerminal::News news = client_.Take(/*with_typed=*/typed_.empty());
  if (news.size.has_value()) task_.resize(*news.size);
  // Nobody reads what is typed after the end.
  if (typed_all_) return;
  typed_all_ = news.typed_all;
  if (!news.typed.empty()) {
    typed_ = std::move(news.typed);
    Write();
  }
  PassEndOn();
}

void TerminalRelay::Write() {
  const ssize_t size = ::write(task_.fd, typed_.data(), typed_.size());
  if (size > 0) typed_.erase(0, static_cast<size_t>(size));
  // Nobody reads what is typed to a task that is ending.
  if (size < 0 && errno != EAGAIN && errno != EINTR) typed_.clear();
  PassEndOn();
}

void TerminalRelay::PassEndOn() {
  if (!typed_all_ || told_all_ || !typed_.empty()) return;
  told_all_ = true;
  if (task_.on_terminal) {
    typed_ = kEndOfInput;
    Write();
  } else {
    ::shutdown(task_.fd, SHUT_WR);
  }
}

void TerminalRelay::ReadRest() {
  size_t left = kMaxRest;
  while (!ended_ && left > 0) {
    pollfd readable{.fd = task_.fd, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, kRestPauseMs) <= 0) return;
    left -= std::min(left, Read());
  }
}

}  // namespace nopo
