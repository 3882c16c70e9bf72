// Tells work in progress to stop, and wakes whatever it waits on.
//
// A Cancellation fires once. Code that blocks registers a callback which makes its wait end: shuts
// a socket down, cancels a call, signals a process group. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "common/mutex.h"

namespace nopo {

class Cancellation {
 public:
  // Unregisters its callback when destroyed, waiting for a call of it that is under way on another
  // thread; so what the callback refers to may be destroyed next. The Cancellation must outlive it.
  class [[nodiscard]] Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration();

   private:
    friend class Cancellation;
    Registration(const Cancellation* owner, int id) : owner_(owner), id_(id) {}
    void Unregister();

    const Cancellation* owner_ = nullptr;
    int id_ = 0;
  };

  Cancellation() = default;
  // Fires when `parent` fires (at once if it has); `parent` must outlive this.
  explicit Cancellation(const Cancellation& parent);
  Cancellation& operator=(const Cancellation&) = delete;

  // Runs the callbacks on this thread. Later calls do nothing.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsCancelled() const ABSL_LOCKS_EXCLUDED(mutex_);
  // CANCELLED once fired, else OK.
  absl::Status Check() const;

  // `callback` runs once, on the thread that cancels, or right here if that has happened. It must
  // not block nor touch this Cancellation.
  Registration OnCancel(std::function<void()> callback) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Blocks until fired or `deadline`; true when fired.
  bool WaitUntil(absl::Time deadline) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable Mutex mutex_;
  mutable CondVar changed_;
  mutable std::map<int, std::function<void()>> callbacks_ ABSL_GUARDED_BY(mutex_);
  mutable int next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // Id of the callback being run, 0 when none is.
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  Registration parent_;
};

}  // namespace nopo
