#include "daemon/commands/pseudo_terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/pipe.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

absl::Status Failed() { return absl::ErrnoToStatus(errno, "cannot make a terminal"); }

}  // namespace

absl::StatusOr<PseudoTerminal> OpenPseudoTerminal(TerminalSize size) {
  PseudoTerminal terminal;
  NOPO_ASSIGN_OR_RETURN(terminal.master, MoveUp(UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY))));
  const int master = terminal.master.get();
  std::array<char, 64> name{};
  if (::fcntl(master, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(master, F_SETFL, O_NONBLOCK) != 0 ||
      ::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
      ::ptsname_r(master, name.data(), name.size()) != 0) {
    return Failed();
  }
  NOPO_ASSIGN_OR_RETURN(terminal.slave,
                        MoveUp(UniqueFd(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC))));
  termios modes{};
  if (::tcgetattr(terminal.slave.get(), &modes) != 0) return Failed();
  // So that erasing a character erases all of its bytes, as in every terminal of today.
  modes.c_iflag |= IUTF8;
  if (::tcsetattr(terminal.slave.get(), TCSANOW, &modes) != 0) return Failed();
  ResizePseudoTerminal(master, size);
  return terminal;
}

void ResizePseudoTerminal(int master, TerminalSize size) {
  winsize window{};
  window.ws_col = static_cast<unsigned short>(size.columns);
  window.ws_row = static_cast<unsigned short>(size.rows);
  ::ioctl(master, TIOCSWINSZ, &window);
}

}  // namespace nopo
