// Turns signals into calls on an ordinary thread.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

#include "common/cancellation.h"

namespace nopo {

// Keeps the signals that a SignalWatcher takes from this thread and from those that it starts: make
// it before any other thread. Signals that the process ignores stay ignored.
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

// What to do on a signal, on the watcher's thread.
struct SignalActions {
  std::function<void()> resized;    // SIGWINCH
  std::function<void()> stopping;   // SIGTSTP: the process stops when this returns.
  std::function<void()> continued;  // SIGCONT
  std::function<void()> leaving;    // The process ends when this returns.
};

// While it lives, the first SIGINT or SIGTERM fires a Cancellation and a second one ends the
// process with exit code 130; SIGHUP and SIGQUIT end it as they always do.
class SignalWatcher {
 public:
  // `blocked` and `cancellation` must outlive this.
  SignalWatcher(const BlockedSignals& blocked, Cancellation& cancellation, SignalActions actions);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch();
  void Interrupt();
  void Stop();
  void Die(int signal);

  const sigset_t& watched_;
  Cancellation& cancellation_;
  const SignalActions actions_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace nopo
