// The threads on which operations run, at most so many at once.
//
// A thread that has finished an operation waits for the next. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

class OperationPool {
 public:
  explicit OperationPool(int max_threads);
  // As Stop().
  ~OperationPool();

  // Runs `work` soon, on a thread of the pool.
  //
  // Errors: RESOURCE_EXHAUSTED when all threads are busy; UNAVAILABLE once stopped.
  absl::Status Start(std::function<void()> work) ABSL_LOCKS_EXCLUDED(mutex_);

  // Fires when the pool stops: operations derive their own Cancellation from it.
  const Cancellation& stopping() const { return stopping_; }
  // Operations queued or running.
  int running() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no more operations and waits until those that run have ended by themselves.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);
  // Cancels what runs, waits for it and joins the threads.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);

  const int max_threads_;
  Cancellation stopping_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;   // Takes no more.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;  // The threads end.
};

}  // namespace nopo
