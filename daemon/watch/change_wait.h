// Waits for changes, and for the end of the burst in which they come.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/watch/change_bell.h"
#include "daemon/watch/tree_watcher.h"

namespace nopo {

// When changes that follow each other are over: when nothing has come for a moment. What never
// rests is over after a while. Pure.
class ChangeBurst {
 public:
  static constexpr absl::Duration kQuiet = absl::Milliseconds(100);
  static constexpr absl::Duration kLongest = absl::Seconds(3);

  // With its first change.
  explicit ChangeBurst(absl::Time now) : first_(now), last_(now) {}

  void Add(absl::Time now) { last_ = now; }
  // How long to wait for more; zero once it is over.
  absl::Duration Left(absl::Time now) const;

 private:
  absl::Time first_, last_;
};

enum class FirstChange {
  kAwait,    // Block until there is one.
  kIfThere,  // Return at once when the bell is silent.
};

// Blocks until `bell`, which trees of `watcher` ring, has rung and the burst is over, and silences
// it. There is no timer while nothing happens.
//
// Errors: CANCELLED; those of MakePipe.
absl::Status WaitForChanges(TreeWatcher& watcher, ChangeBell& bell, FirstChange first,
                            const Cancellation& cancellation);

}  // namespace nopo
