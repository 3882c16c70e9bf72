// A child process of a test: its output, its end, signals to it, and a terminal if it is to have
// one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "common/unique_fd.h"

namespace nopo {

// How a process ended. 128+N when signal N ended it.
struct ProcessOutcome {
  int exit_code = -1;
  std::string out, err;
};

class TestProcess {
 public:
  // What its standard streams are: an empty input and two pipes, or a terminal of its own, of which
  // it leads the session. All that is printed on a terminal counts as stdout.
  enum class Streams { kPipes, kTerminal };

  // Starts `argv` with exactly `environment`, in `dir`.
  TestProcess(const std::vector<std::string>& argv,
              const std::map<std::string, std::string>& environment, const std::string& dir,
              Streams streams = Streams::kPipes);
  // Kills it if it still runs.
  ~TestProcess();

  void Signal(int signal);
  // What it has printed so far.
  std::string Output() ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks until stdout or stderr contains `text`; false when it ended or `limit` passed first.
  bool WaitForOutput(const std::string& text, absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks until it has ended; kills it after `limit`.
  ProcessOutcome Wait(absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);
  pid_t pid() const { return pid_; }

  // On a terminal only.
  void Type(const std::string& keys);
  void Resize(int columns, int rows);
  // Keys go to the program as they are pressed, Ctrl-C among them.
  bool IsRaw() const;

 private:
  void StartOnPipes(const std::function<void()>& become_program);
  void StartOnTerminal(const std::function<void()>& become_program);
  void Read(int fd, std::string& into) ABSL_LOCKS_EXCLUDED(mutex_);

  pid_t pid_ = -1;
  UniqueFd out_fd_, err_fd_;
  Mutex mutex_;
  CondVar changed_;
  std::string out_ ABSL_GUARDED_BY(mutex_), err_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;  // Of them, those not at their end.
  std::thread out_reader_, err_reader_;
};

}  // namespace nopo
