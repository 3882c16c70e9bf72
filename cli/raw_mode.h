// The user's terminal in raw mode: keys arrive as they are pressed, Ctrl-C as a byte, without echo.
#pragma once

namespace nopo {

// One at a time. What is pressed meanwhile is the job's; leaving raw mode keeps unread keys.
class RawMode {
 public:
  // Of standard input's terminal, for which this process must be in the foreground.
  RawMode();
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

  // Gives the terminal its own mode back if it is in raw mode now: for who ends the process without
  // more ado. Safe in a signal handler; done by itself when the process crashes.
  static void Restore();
};

// Whether standard input is a terminal whose keys go to this process, and not to a shell that has
// put it into the background.
bool HasKeyboard();

}  // namespace nopo
