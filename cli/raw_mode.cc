#include "cli/raw_mode.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>

namespace nopo {
namespace {

std::atomic<bool> is_raw = false;
termios own_mode;  // Valid while is_raw.

void RestoreAndDie(int signal) {
  RawMode::Restore();
  ::raise(signal);  // Its action is the default one again.
}

void WatchForCrashes(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESETHAND | SA_NODEFER;
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) {
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

RawMode::RawMode() {
  if (::tcgetattr(STDIN_FILENO, &own_mode) != 0) return;
  is_raw = true;
  WatchForCrashes(RestoreAndDie);
  termios raw = own_mode;
  ::cfmakeraw(&raw);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

RawMode::~RawMode() {
  Restore();
  WatchForCrashes(SIG_DFL);
}

void RawMode::Restore() {
  // In the background the shell has set its own mode, and asking would stop this process.
  if (is_raw.exchange(false) && HasKeyboard()) ::tcsetattr(STDIN_FILENO, TCSANOW, &own_mode);
}

bool HasKeyboard() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

}  // namespace nopo
