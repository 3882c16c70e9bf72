// Runs a command in a container that runs already.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"

namespace nopo {

// The variable by which a command's processes are found again in the container when they are to
// end: the engine starts commands but has no way to stop them.
inline constexpr char kExecMark[] = "NOPO_EXEC";

struct ExecTask {
  std::string container_id, container_name;
  ExecSpec spec;  // On a terminal with `tty`; without `attach` it is started and left alone.
  ClientTerminal* client = nullptr;  // Whose input and output it gets. Null only if not attached.
};

// What the command had to be asked, and how long one waits then.
struct ExecGrace {
  absl::Duration until_killed = absl::Seconds(10);  // As of commands on the host.
  // For what cannot be signalled: the end of its input is all that it is told.
  absl::Duration without_signal = absl::Seconds(1);
};

// Blocks until the command has ended, or has started if it is not attached. TerminalAttached is
// reported first, then what it prints as TaskOutput of `task`.
//
// When `cancellation` fires its processes get SIGTERM (SIGHUP on a terminal, which interactive
// shells heed) and SIGKILL later, from a second command in the container, which needs a `sh` there
// and the same user's right to do so. A warning says when they could not be ended.
//
// Errors (in TaskResult.status):
//   FAILED_PRECONDITION (TASK_FAILED)    it ended with another code than 0, which the status
//   carries FAILED_PRECONDITION (ENGINE_FAILED)  it could not be started, and the engine's code for
//   that; or
//                                        the container does not run
//   CANCELLED                            `cancellation` fired
//   those of DockerEngine
TaskResult RunExecTask(DockerEngine& docker, const std::string& task, const ExecTask& exec,
                       EventSink& events, const Cancellation& cancellation,
                       const ExecGrace& grace = {});

}  // namespace nopo
