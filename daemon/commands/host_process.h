// Runs a task's command line on the host, as the user's own shell would.
#pragma once

#include <sys/types.h>

#include <string>

#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/project/project.h"

namespace nopo {

struct HostCommand {
  std::string run;     // For `sh -c`.
  std::string dir;     // Absolute.
  ConfigKey dir_key;   // Where the project says so, if it does.
  EnvironmentMap env;  // The whole environment; nothing of nopod's own is added.
  mode_t umask = 022;  // The caller's.
  // Lent to the command, which then runs on a terminal of its own; null: its input is empty.
  ClientTerminal* terminal = nullptr;
};

// Between SIGTERM and SIGKILL.
inline constexpr absl::Duration kStopGrace = absl::Seconds(10);

// Blocks until the command's shell has ended; what is left of its process group is then killed.
// `sh` is the first on the command's own PATH, else /bin/sh. What it prints becomes TaskOutput of
// `task`. When `cancellation` fires the group gets SIGTERM and, `grace` later, SIGKILL; members
// that still hold the output open are given that time even when the shell is gone.
//
// On a terminal, "group" means all of the command's session, TerminalAttached is reported once it
// has started, and a client that is gone is SIGHUP instead of SIGTERM.
//
// Errors (in TaskResult.status, with the last lines printed):
//   FAILED_PRECONDITION (TASK_FAILED)  it ended with another code than 0, which the status carries;
//                                      or it cannot be started
//   NOT_FOUND (TASK_FAILED)            `dir` cannot be entered
//   CANCELLED                          it was stopped
TaskResult RunHostCommand(const std::string& task, const HostCommand& command, EventSink& events,
                          const Cancellation& cancellation, absl::Duration grace = kStopGrace);

}  // namespace nopo
