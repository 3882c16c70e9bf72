#include "daemon/events/client_terminal.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/status_macros.h"

namespace nopo {
namespace {

// Enough to keep a terminal busy; what is under way is also what still scrolls by after Ctrl-C.
constexpr size_t kMaxShowing = 128 << 10;
constexpr size_t kMaxTyped = 64 << 10;

}  // namespace

absl::StatusOr<std::unique_ptr<ClientTerminal>> ClientTerminal::Create() {
  NOPO_ASSIGN_OR_RETURN(Pipe bell, MakePipe());
  return std::unique_ptr<ClientTerminal>(new ClientTerminal(std::move(bell)));
}

void ClientTerminal::Type(absl::string_view bytes) {
  MutexLock lock(mutex_);
  typed_.append(bytes.data(), bytes.size());
  RingLocked();
}

void ClientTerminal::EndTyping() {
  MutexLock lock(mutex_);
  typed_all_ = true;
  RingLocked();
}

void ClientTerminal::Resize(TerminalSize size) {
  MutexLock lock(mutex_);
  size_ = size;
  resized_ = true;
  RingLocked();
}

void ClientTerminal::Shown(size_t bytes) {
  MutexLock lock(mutex_);
  const bool had_room = HasRoomLocked();
  showing_ -= std::min(bytes, showing_);
  if (!had_room && HasRoomLocked()) RingLocked();
}

void ClientTerminal::HangUp() {
  MutexLock lock(mutex_);
  hung_up_ = true;
  RingLocked();
}

void ClientTerminal::WhenWanted(std::function<void()> reader) {
  {
    MutexLock lock(mutex_);
    if (typed_.size() >= kMaxTyped) {
      reader_ = std::move(reader);
      return;
    }
  }
  reader();
}

ClientTerminal::News ClientTerminal::Take(bool with_typed) {
  News news;
  std::function<void()> reader;
  {
    MutexLock lock(mutex_);
    char byte;
    if (rung_) rung_ = ::read(bell_.read_end.get(), &byte, 1) != 1;
    if (std::exchange(resized_, false)) news.size = size_;
    if (with_typed) {
      news.typed = std::exchange(typed_, {});
      news.typed_all = typed_all_;
      reader = std::exchange(reader_, nullptr);
    }
  }
  if (reader != nullptr) reader();
  return news;
}

TerminalSize ClientTerminal::size() const {
  MutexLock lock(mutex_);
  return size_;
}

bool ClientTerminal::hung_up() const {
  MutexLock lock(mutex_);
  return hung_up_;
}

bool ClientTerminal::HasRoom() const {
  MutexLock lock(mutex_);
  return HasRoomLocked();
}

void ClientTerminal::Showing(size_t bytes) {
  MutexLock lock(mutex_);
  showing_ += bytes;
}

bool ClientTerminal::HasRoomLocked() const { return hung_up_ || showing_ < kMaxShowing; }

void ClientTerminal::RingLocked() {
  if (rung_) return;
  rung_ = ::write(bell_.write_end.get(), "!", 1) == 1;
}

}  // namespace nopo
