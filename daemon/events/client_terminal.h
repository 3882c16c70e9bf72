// The terminal of the client that asked for an operation, lent to the one task that may have it. Or
// its standard streams, for a task that talks to them as they are.
//
// What the user types and the size of the window go to the task through it. What the task prints
// goes back as TaskOutput. Of both only so much is under way at a time, so that a task that prints
// for ever waits for its client, and a client that sends a large file for the task, instead of
// filling the daemon's memory. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "common/pipe.h"

namespace nopo {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

class ClientTerminal {
 public:
  // What has happened on the client's side since the task last asked.
  struct News {
    std::string typed;
    bool typed_all = false;  // Nothing comes after `typed`. Stays true.
    std::optional<TerminalSize> size;
  };

  // Errors: those of MakePipe.
  static absl::StatusOr<std::unique_ptr<ClientTerminal>> Create();

  // The client's side.

  void Type(absl::string_view bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // The client will type no more.
  void EndTyping() ABSL_LOCKS_EXCLUDED(mutex_);
  void Resize(TerminalSize size) ABSL_LOCKS_EXCLUDED(mutex_);
  // The client has taken that many bytes of output.
  void Shown(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // The client is gone: nothing is shown to it any more.
  void HangUp() ABSL_LOCKS_EXCLUDED(mutex_);
  // Calls `reader` once more may be typed: at once, or later on the task's thread. One call may be
  // outstanding at a time; it is dropped when no task asks any more.
  void WhenWanted(std::function<void()> reader) ABSL_LOCKS_EXCLUDED(mutex_);

  // The task's side, on one thread.

  // Readable (poll) while there is news, or again room for output.
  int bell_fd() const { return bell_.read_end.get(); }
  // Silences the bell. What was typed stays here unless `with_typed`.
  News Take(bool with_typed) ABSL_LOCKS_EXCLUDED(mutex_);
  TerminalSize size() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool hung_up() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether the task may print more.
  bool HasRoom() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The task has printed that many bytes.
  void Showing(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit ClientTerminal(Pipe bell) : bell_(std::move(bell)) {}
  bool HasRoomLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RingLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Pipe bell_;
  mutable Mutex mutex_;
  std::string typed_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> reader_ ABSL_GUARDED_BY(mutex_);
  TerminalSize size_ ABSL_GUARDED_BY(mutex_);
  bool typed_all_ ABSL_GUARDED_BY(mutex_) = false;
  bool resized_ ABSL_GUARDED_BY(mutex_) = false;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;  // A byte is in the pipe.
  bool hung_up_ ABSL_GUARDED_BY(mutex_) = false;
  size_t showing_ ABSL_GUARDED_BY(mutex_) = 0;  // Printed, not yet taken by the client.
};

}  // namespace nopo
