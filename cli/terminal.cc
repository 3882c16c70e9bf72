#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "cli/raw_mode.h"

namespace nopo {
namespace {

constexpr int kBrokenPipeExit = 141;  // 128 + SIGPIPE

// Returns 0, or the errno of what could not be written.
int WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) std::_Exit(kBrokenPipeExit);
    if (written < 0 && errno == EAGAIN) {  // Somebody else made our terminal non-blocking.
      pollfd writable = {.fd = fd, .events = POLLOUT};
      ::poll(&writable, 1, -1);
      continue;
    }
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

bool IsSameDevice(int a, int b) {
  struct stat first {};
  struct stat second {};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_rdev == second.st_rdev;
}

bool IsDumb(const EnvironmentReader& environment) {
  const std::string terminal = environment("TERM");
  return terminal.empty() || terminal == "dumb";
}

}  // namespace

Console ProcessConsole(std::atomic<int>& lost) {
  return {.out =
              [&lost](absl::string_view text) {
                int none = 0;
                if (const int error = WriteAll(STDOUT_FILENO, text); error != 0) {
                  lost.compare_exchange_strong(none, error);
                }
              },
          .error = [](absl::string_view text) { WriteAll(STDERR_FILENO, text); }};
}

TerminalFacts FindTerminalFacts() {
  TerminalFacts facts;
  facts.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
  facts.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  facts.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  facts.one_terminal = facts.out_is_terminal && facts.error_is_terminal &&
                       IsSameDevice(STDOUT_FILENO, STDERR_FILENO);
  facts.has_keyboard = facts.in_is_terminal && HasKeyboard();
  return facts;
}

TerminalSize ReadTerminalSize(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.columns = size.ws_col, .rows = size.ws_row};
}

bool MayLendTerminal(const Arguments& arguments, const TerminalFacts& facts) {
  return facts.has_keyboard && facts.out_is_terminal && !arguments.execution.dry_run &&
         arguments.display.format == "text" && arguments.display.progress != "json";
}

ProgressMode ChooseProgressMode(const DisplayArguments& display, const TerminalFacts& facts,
                                const EnvironmentReader& environment) {
  if (display.progress == "json") return ProgressMode::kJson;
  if (display.quiet || display.progress == "quiet") return ProgressMode::kQuiet;
  if (display.progress == "plain") return ProgressMode::kPlain;
  if (display.progress == "tty") return ProgressMode::kTty;
  return facts.error_is_terminal && !IsDumb(environment) ? ProgressMode::kTty
                                                         : ProgressMode::kPlain;
}

bool ChooseColour(const DisplayArguments& display, const TerminalFacts& facts,
                  const EnvironmentReader& environment) {
  if (display.no_color || !environment("NO_COLOR").empty()) return false;
  const std::string forced = environment("FORCE_COLOR");
  if (!forced.empty()) return forced != "0";
  return facts.error_is_terminal && !IsDumb(environment);
}

}  // namespace nopo
