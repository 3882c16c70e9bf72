// What a subcommand works with.
#pragma once

#include "absl/status/status.h"
#include "cli/arguments.h"
#include "cli/daemon_connection.h"
#include "cli/progress/console.h"
#include "cli/terminal.h"

namespace nopo {

struct Invocation {
  const Arguments& arguments;
  DaemonConnection& daemon;  // Not connected yet.
  const Console& console;
  TerminalFacts terminal;
};

// Runs one verb and returns the exit code of the process.
using Subcommand = int (*)(const Invocation& invocation);

// Prints what `status` says to stderr, unless it is OK, and returns its exit code.
int Conclude(const Invocation& invocation, const absl::Status& status);

// Writes `text` to stdout as whole lines; nothing when it is empty.
void PrintResult(const Invocation& invocation, absl::string_view text);

}  // namespace nopo
