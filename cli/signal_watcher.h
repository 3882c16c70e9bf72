// Turns signals into calls on an ordinary thread.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

#include "common/cancellation.h"

namespace nopo {

// Keeps SIGINT, SIGTERM and SIGWINCH from this thread and from those that it starts, so that they
// wait for a SignalWatcher: make it before any other thread. Signals that the process ignores stay
// ignored.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals();
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  const sigset_t& set() const { return blocked_; }

 private:
  sigset_t blocked_;
  sigset_t previous_;
};

// While it lives, the first SIGINT or SIGTERM fires a Cancellation, a second one ends the process
// with exit code 130, and SIGWINCH calls `on_resize`.
class SignalWatcher {
 public:
  // `blocked` and `cancellation` must outlive this. `on_resize` runs on the watcher's thread.
  SignalWatcher(const BlockedSignals& blocked, Cancellation& cancellation,
                std::function<void()> on_resize);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch();

  const sigset_t& watched_;
  Cancellation& cancellation_;
  const std::function<void()> on_resize_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace nopo
