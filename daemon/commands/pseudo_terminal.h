// A terminal that a task is given: whoever holds its master reads what the task prints, and what it
// writes is as if typed.
#pragma once

#include "absl/status/statusor.h"
#include "common/unique_fd.h"
#include "daemon/events/client_terminal.h"

namespace nopo {

struct PseudoTerminal {
  UniqueFd master;  // Does not block.
  UniqueFd slave;   // The task's side.
};

// Both are closed on exec and numbered 10 or more; nobody's controlling terminal yet.
absl::StatusOr<PseudoTerminal> OpenPseudoTerminal(TerminalSize size);

// Tells the task, by SIGWINCH, that its terminal has another size.
void ResizePseudoTerminal(int master, TerminalSize size);

}  // namespace nopo
