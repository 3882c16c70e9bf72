#include "cli/signal_watcher.h"

#include <pthread.h>

#include <cstdlib>
#include <utility>

#include "common/exit_code.h"

namespace nopo {
namespace {
// Wakes the watcher's thread so that it can end.
constexpr int kWakeUp = SIGUSR1;

// A shell lets the jobs it puts into the background ignore Ctrl-C.
bool IsIgnored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}
}  // namespace

BlockedSignals::BlockedSignals() {
  ::sigemptyset(&blocked_);
  for (const int signal : {SIGINT, SIGTERM, SIGWINCH, kWakeUp}) {
    if (!IsIgnored(signal)) ::sigaddset(&blocked_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &blocked_, &previous_);
}

BlockedSignals::~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

SignalWatcher::SignalWatcher(const BlockedSignals& blocked, Cancellation& cancellation,
                             std::function<void()> on_resize)
    : watched_(blocked.set()),
      cancellation_(cancellation),
      on_resize_(std::move(on_resize)),
      thread_([this] { Watch(); }) {}

SignalWatcher::~SignalWatcher() {
  stopping_ = true;
  ::pthread_kill(thread_.native_handle(), kWakeUp);
  thread_.join();
}

void SignalWatcher::Watch() {
  while (!stopping_) {
    int signal = 0;
    if (::sigwait(&watched_, &signal) != 0) continue;
    if (signal == SIGWINCH) on_resize_();
    if (signal != SIGINT && signal != SIGTERM) continue;
    if (cancellation_.IsCancelled()) std::_Exit(kExitInterrupted);
    cancellation_.Cancel();
  }
}

}  // namespace nopo
