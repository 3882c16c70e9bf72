// A registry that does not work: it says the same to everybody, or nothing at all.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "common/unique_fd.h"

namespace nopo {

// On a free port of the loopback address, which engines talk to without TLS.
class OddRegistry {
 public:
  // Answers each call with `answer`, a whole HTTP response. With none it keeps its callers waiting
  // until they leave.
  explicit OddRegistry(std::string answer = "");
  ~OddRegistry();

  // "127.0.0.1:40001"
  const std::string& address() const { return address_; }
  // Those that wait for an answer and have not left.
  int waiting() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Accept();
  void Serve(int caller) ABSL_LOCKS_EXCLUDED(mutex_);
  void CountWaiting(int change) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string answer_;
  std::string address_;
  UniqueFd listener_;
  mutable Mutex mutex_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<UniqueFd> callers_;     // The acceptor's, until that has ended.
  std::vector<std::thread> servers_;  // The same.
  std::thread acceptor_;
};

}  // namespace nopo
