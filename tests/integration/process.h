// A child process of a test: its output, its end, and signals to it.
#pragma once

#include <sys/types.h>

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
  // Starts `argv` with exactly `environment`, in `dir`.
  TestProcess(const std::vector<std::string>& argv,
              const std::map<std::string, std::string>& environment, const std::string& dir);
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

 private:
  void Read(int fd, std::string& into) ABSL_LOCKS_EXCLUDED(mutex_);

  pid_t pid_ = -1;
  UniqueFd out_fd_, err_fd_;
  Mutex mutex_;
  CondVar changed_;
  std::string out_ ABSL_GUARDED_BY(mutex_), err_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 2;
  std::thread out_reader_, err_reader_;
};

}  // namespace nopo
