// Turns signals into calls on an ordinary thread.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

#include "common/cancellation.h"

namespace nopo {

// While it lives, the first SIGINT or SIGTERM fires a Cancellation, a second one ends the process
// with exit code 130, and SIGWINCH calls `on_resize`. Signals that the process ignores stay
// ignored. Make it before any other thread starts: the signals are blocked on the calling thread
// and those that it starts.
class SignalWatcher {
 public:
  // `cancellation` must outlive this. `on_resize` runs on the watcher's thread.
  SignalWatcher(Cancellation& cancellation, std::function<void()> on_resize);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch();

  Cancellation& cancellation_;
  const std::function<void()> on_resize_;
  sigset_t watched_;
  sigset_t previous_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace nopo
