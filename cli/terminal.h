// What the CLI writes to, and how much of a terminal it is.
#pragma once

#include <atomic>

#include "absl/strings/string_view.h"
#include "cli/arguments.h"
#include "cli/progress/console.h"
#include "cli/progress/renderer.h"
#include "common/runtime_paths.h"

namespace nopo {

// Writes to stdout and stderr. Ends the process like SIGPIPE would when nobody reads any more. What
// stdout cannot take otherwise, on a full disk, is lost: the first errno of that is in `lost`,
// which must outlive the console.
Console ProcessConsole(std::atomic<int>& lost);

// The user's wishes and what the process is connected to; a value, so that tests can make one.
struct TerminalFacts {
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool error_is_terminal = false;
  bool one_terminal = false;  // stdout and stderr are the same one.
  bool has_keyboard = false;  // stdin's keys are for this process: it is in the foreground.
};
TerminalFacts FindTerminalFacts();

// Of the terminal behind `fd`; 80x24 when it does not tell.
TerminalSize ReadTerminalSize(int fd);

// Whether a task may have the user's terminal: that is where its input and its output would be, and
// nothing else is to be written there meanwhile.
bool MayLendTerminal(const Arguments& arguments, const TerminalFacts& facts);

ProgressMode ChooseProgressMode(const DisplayArguments& display, const TerminalFacts& facts,
                                const EnvironmentReader& environment);

// --no-color and NO_COLOR turn colour off, FORCE_COLOR on; else terminals that can have it.
bool ChooseColour(const DisplayArguments& display, const TerminalFacts& facts,
                  const EnvironmentReader& environment);

}  // namespace nopo
