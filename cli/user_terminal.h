// The user's terminal, or standard input, while a task of the daemon's has it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/progress/draw_frame.h"
#include "cli/raw_mode.h"
#include "common/mutex.h"
#include "common/pipe.h"

namespace nopo {

// Attach, AttachPlain and Detach, Connect and Disconnect belong to the thread that makes the call;
// the rest may come from any thread.
class UserTerminal {
 public:
  // Where keys and sizes go, or the bytes of standard input and their end. They run on a thread of
  // this class, one at a time, may block, and return false when nobody wants more.
  struct Receiver {
    std::function<bool(absl::string_view bytes)> typed;
    std::function<bool(TerminalSize size)> resized;
    std::function<void()> typed_all;  // The last one. May be empty where nothing is plain.
  };

  UserTerminal() = default;
  ~UserTerminal() { Disconnect(); }

  // For one call to the daemon. Errors: those of MakePipe.
  absl::Status Connect(Receiver receiver) ABSL_LOCKS_EXCLUDED(mutex_);
  // Gives the terminal back. The call must be over, or a receiver that blocks would be waited for.
  void Disconnect();

  // The task gets the keyboard, in raw mode.
  void Attach() ABSL_LOCKS_EXCLUDED(mutex_);
  // The task gets standard input as it is, in whatever mode: a file's bytes, a terminal's lines.
  void AttachPlain() ABSL_LOCKS_EXCLUDED(mutex_);
  // The user has it again.
  void Detach() ABSL_LOCKS_EXCLUDED(mutex_);

  // The window has another size.
  void Resized() ABSL_LOCKS_EXCLUDED(mutex_);
  // The process is about to stop (Ctrl-Z, SIGTSTP).
  void Suspend() ABSL_LOCKS_EXCLUDED(mutex_);
  // The process goes on, in the foreground or not.
  void Resume() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Until the call is over. `wake_fd` is readable when anything has changed.
  void Forward(int wake_fd);
  bool IsListening() ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsPlain() ABSL_LOCKS_EXCLUDED(mutex_);
  bool ForwardInput();
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);

  Receiver receiver_;
  Mutex mutex_;
  bool attached_ ABSL_GUARDED_BY(mutex_) = false;
  bool plain_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<RawMode> raw_ ABSL_GUARDED_BY(mutex_);  // While attached and in the foreground.
  Pipe wake_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> resized_ = false;
  std::atomic<bool> ending_ = false;
  std::thread forwarder_;
};

}  // namespace nopo
