// A value that several threads use and the first that needs it makes.
#pragma once

#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

// Thread-safe. Making it may take long: nobody holds a lock meanwhile.
template <typename T>
class SharedValue {
 public:
  using Pointer = std::shared_ptr<T>;

  // The value. Where there is none, `make` makes it while others who ask wait; if it fails, only
  // this call does, and one that waited tries next.
  //
  // Errors: those of `make`; CANCELLED when `cancellation` fired while waiting.
  absl::StatusOr<Pointer> Get(const Cancellation& cancellation,
                              absl::FunctionRef<absl::StatusOr<Pointer>()> make)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    const auto wake_up = cancellation.OnCancel([this] {
      MutexLock lock(mutex_);
      changed_.NotifyAll();
    });
    {
      MutexLock lock(mutex_);
      while (is_making_ && !cancellation.IsCancelled()) changed_.Wait(mutex_);
      if (cancellation.IsCancelled()) return cancellation.Check();
      if (value_ != nullptr) return value_;
      is_making_ = true;
    }
    absl::StatusOr<Pointer> made = make();
    MutexLock lock(mutex_);
    is_making_ = false;
    if (made.ok()) value_ = *made;
    changed_.NotifyAll();
    return made;
  }

  // The next Get makes a new one, if `value` is the one kept; whether it was.
  bool Forget(const Pointer& value) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    if (value_ != value) return false;
    value_ = nullptr;
    return true;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  Pointer value_ ABSL_GUARDED_BY(mutex_);
  bool is_making_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nopo
