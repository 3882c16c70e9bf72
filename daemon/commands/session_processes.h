// Signalling all that a task on a terminal has started. Linux, which tells the processes of a
// session only through /proc.
#pragma once

#include <sys/types.h>

namespace nopo {

// Sends `signal` to every process of `session`: a shell with job control makes a process group of
// each of its jobs. The session's id must be reserved: its leader not waited for yet.
void SignalSession(pid_t session, int signal);

// Sends SIGHUP, as a terminal that is closed does, to every process of `session` that ignores
// `signal`: interactive shells do that with SIGTERM. Requires the same.
void HangUpThoseThatIgnore(pid_t session, int signal);

}  // namespace nopo
