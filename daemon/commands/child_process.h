// A process that nopod starts on the host, in a process group of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace nopo {

struct ChildOptions {
  std::vector<std::string> arguments;  // The first is the program's absolute path.
  std::string dir;
  std::vector<std::string> environment;  // "K=V", all of it.
  mode_t umask = 022;
};

// Starting one inherits nothing else: no descriptors, signal mask, handlers or variables of nopod.
class ChildProcess {
 public:
  // Safe beside other threads. Standard input is empty.
  //
  // Errors (TASK_FAILED):
  //   NOT_FOUND            `dir` cannot be entered
  //   FAILED_PRECONDITION  the program cannot be started
  static absl::StatusOr<ChildProcess> Start(const ChildOptions& options);

  ChildProcess(ChildProcess&& other) noexcept;
  // Kills what is left and waits for it.
  ~ChildProcess();

  // Pipes that do not block.
  int stdout_fd() const { return stdout_.get(); }
  int stderr_fd() const { return stderr_.get(); }
  // Readable (poll) once the process has ended, though others of its group may still run.
  int exit_fd() const { return exit_.get(); }

  // To all of its group. The group's id stays reserved until Wait().
  void SignalGroup(int signal) const;
  // Blocks until the process has ended, kills what is left of its group; exit code, 128+N when
  // signal N ended it. Call once.
  absl::StatusOr<int> Wait();

 private:
  ChildProcess() = default;

  pid_t pid_ = 0;  // 0: waited for, or moved from.
  UniqueFd stdout_, stderr_, exit_;
};

}  // namespace nopo
