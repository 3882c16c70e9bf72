// A process that nopod starts on the host, in a process group of its own or on a terminal of its
// own.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"
#include "daemon/events/client_terminal.h"

namespace nopo {

struct ChildOptions {
  std::vector<std::string> arguments;  // The first is the program's absolute path.
  std::string dir;
  std::vector<std::string> environment;  // "K=V", all of it.
  mode_t umask = 022;
  // With it the process leads a session whose terminal has this size, and its three streams are
  // that terminal. Without, standard input is empty and the outputs are pipes.
  std::optional<TerminalSize> terminal;
};

// Starting one inherits nothing else: no descriptors, signal mask, handlers or variables of nopod.
class ChildProcess {
 public:
  // Safe beside other threads.
  //
  // Errors (TASK_FAILED):
  //   NOT_FOUND            `dir` cannot be entered
  //   FAILED_PRECONDITION  the program cannot be started
  static absl::StatusOr<ChildProcess> Start(const ChildOptions& options);

  ChildProcess(ChildProcess&& other) noexcept;
  // Kills what is left and waits for it.
  ~ChildProcess();

  // Pipes that do not block; -1 on a terminal.
  int stdout_fd() const { return stdout_.get(); }
  int stderr_fd() const { return stderr_.get(); }
  // The terminal's master, which does not block; -1 without one.
  int terminal_fd() const { return terminal_.get(); }
  // Readable (poll) once the process has ended, though others that it started may still run.
  int exit_fd() const { return exit_.get(); }

  // To all of its group, on a terminal of its session; those of a session that ignore SIGTERM get
  // SIGHUP with it. Their id stays reserved until Wait().
  void SignalAll(int signal) const;
  // Blocks until the process has ended, kills what is left of the others; exit code, 128+N when
  // signal N ended it. Call once.
  absl::StatusOr<int> Wait();

 private:
  struct Streams {
    UniqueFd in, out, err;  // The child's ends; on a terminal only `in`.
  };

  ChildProcess() = default;
  absl::StatusOr<Streams> OpenPipes();
  absl::StatusOr<Streams> OpenTerminal(TerminalSize size);

  pid_t pid_ = 0;  // 0: waited for, or moved from.
  UniqueFd stdout_, stderr_, terminal_, exit_;
};

}  // namespace nopo
