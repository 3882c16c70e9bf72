// The running operations that clients gave a name, so that one call can cancel another.
//
// Closing a stream cancels too, but then nobody hears how the operation ends: what a command prints
// on SIGTERM, which containers are being removed. Thread-safe.
#pragma once

#include <map>
#include <string>

#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

class OperationIndex {
 public:
  // Lists an operation as long as it lives.
  class [[nodiscard]] Entry {
   public:
    // Nothing is listed when `name` is empty or taken.
    Entry(OperationIndex& index, std::string name, Cancellation& cancellation);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    OperationIndex& index_;
    std::string name_;
  };

  // False when no operation of that name runs.
  bool Cancel(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  std::map<std::string, Cancellation*> operations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
