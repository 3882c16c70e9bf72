#include "cli/signal_watcher.h"

#include <pthread.h>
#include <unistd.h>

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

// Has `signal` do to this process what it does to one that does not watch.
void LetHappen(int signal) {
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, signal);
  ::kill(::getpid(), signal);
  // No other thread takes it, so it happens here.
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

}  // namespace

BlockedSignals::BlockedSignals() {
  ::sigemptyset(&blocked_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, kWakeUp}) {
    if (!IsIgnored(signal)) ::sigaddset(&blocked_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &blocked_, &previous_);
}

BlockedSignals::~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

SignalWatcher::SignalWatcher(const BlockedSignals& blocked, Cancellation& cancellation,
                             SignalActions actions)
    : watched_(blocked.set()),
      cancellation_(cancellation),
      actions_(std::move(actions)),
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
    if (signal == SIGWINCH) actions_.resized();
    if (signal == SIGTSTP) Stop();
    if (signal == SIGCONT) actions_.continued();
    if (signal == SIGHUP || signal == SIGQUIT) Die(signal);
    if (signal == SIGINT || signal == SIGTERM) Interrupt();
  }
}

void SignalWatcher::Interrupt() {
  if (!cancellation_.IsCancelled()) {
    cancellation_.Cancel();
    return;
  }
  actions_.leaving();
  std::_Exit(kExitInterrupted);
}

void SignalWatcher::Stop() {
  actions_.stopping();
  LetHappen(SIGTSTP);
  // Where nobody could continue it, the system does not stop a process.
  actions_.continued();
}

void SignalWatcher::Die(int signal) {
  actions_.leaving();
  LetHappen(signal);
}

}  // namespace nopo
