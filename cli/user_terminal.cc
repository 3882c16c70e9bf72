#include "cli/user_terminal.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "cli/terminal.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr size_t kReadSize = 32 << 10;

}  // namespace

absl::Status UserTerminal::Connect(Receiver receiver) {
  NOPO_ASSIGN_OR_RETURN(Pipe wake, MakePipe());
  const int wake_fd = wake.read_end.get();
  {
    MutexLock lock(mutex_);
    wake_ = std::move(wake);
  }
  receiver_ = std::move(receiver);
  ending_ = false;
  forwarder_ = std::thread([this, wake_fd] { Forward(wake_fd); });
  return absl::OkStatus();
}

void UserTerminal::Disconnect() {
  Detach();
  if (!forwarder_.joinable()) return;
  ending_ = true;
  Wake();
  forwarder_.join();
}

void UserTerminal::Attach() {
  {
    MutexLock lock(mutex_);
    attached_ = true;
    if (HasKeyboard()) raw_.emplace();
  }
  // It may have changed since the call began.
  Resized();
}

void UserTerminal::AttachPlain() {
  {
    MutexLock lock(mutex_);
    attached_ = plain_ = true;
  }
  Wake();
}

void UserTerminal::Detach() {
  MutexLock lock(mutex_);
  attached_ = plain_ = false;
  raw_.reset();
}

void UserTerminal::Resized() {
  resized_ = true;
  Wake();
}

void UserTerminal::Suspend() {
  MutexLock lock(mutex_);
  raw_.reset();
}

void UserTerminal::Resume() {
  {
    MutexLock lock(mutex_);
    raw_.reset();  // Of before a stop that could not be seen: the shell has set a mode since.
    if (attached_ && !plain_ && HasKeyboard()) raw_.emplace();
  }
  Resized();
}

bool UserTerminal::IsListening() {
  MutexLock lock(mutex_);
  if (!plain_) return raw_.has_value();
  // In the background, reading a terminal would stop the process.
  return HasKeyboard() || ::isatty(STDIN_FILENO) == 0;
}

bool UserTerminal::IsPlain() {
  MutexLock lock(mutex_);
  return plain_;
}

void UserTerminal::Forward(int wake_fd) {
  bool open = true;
  while (open && !ending_) {
    std::array<pollfd, 2> polled = {
        {{IsListening() ? STDIN_FILENO : -1, POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) <= 0) continue;
    std::array<char, 64> wishes;
    while (::read(wake_fd, wishes.data(), wishes.size()) > 0) continue;
    if (resized_.exchange(false)) open = receiver_.resized(ReadTerminalSize(STDIN_FILENO));
    if (open && polled[0].revents != 0 && IsListening()) open = ForwardInput();
  }
}

bool UserTerminal::ForwardInput() {
  std::array<char, kReadSize> input;
  const ssize_t size = ::read(STDIN_FILENO, input.data(), input.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (size > 0) return receiver_.typed(absl::string_view(input.data(), static_cast<size_t>(size)));
  // A terminal that is gone ends the process by SIGHUP; any other input that cannot be read, a
  // closed one too, is at its end.
  if (IsPlain()) receiver_.typed_all();
  return false;
}

void UserTerminal::Wake() {
  MutexLock lock(mutex_);
  if (wake_.write_end.valid()) (void)!::write(wake_.write_end.get(), "x", 1);
}

}  // namespace nopo
