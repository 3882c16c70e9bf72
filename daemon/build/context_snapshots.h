// The build contexts of one request.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/shared_value.h"
#include "daemon/build/build_plan.h"
#include "daemon/build/watched_trees.h"
#include "daemon/buildkit/context_snapshot.h"

namespace nopo {

// Stands for the files that go into `build`: its context's directory and what is left out of it.
// The same in every request; 32 hexadecimal digits.
std::string ContextKey(const ImageBuild& build);

// Lists each context once, however many images are made of it: they are all built of one state of
// its files. Thread-safe.
class ContextSnapshots {
 public:
  // `trees` must outlive this.
  explicit ContextSnapshots(WatchedTrees& trees) : trees_(trees) {}

  // The context of `build`: the snapshot that an earlier image of the request was built of, unless
  // files may have changed since.
  //
  // One that files were seen to change under is taken anew. When that happens again and again, the
  // new one sends what it finds; see ContextSnapshot::OnChange.
  //
  // Errors: FAILED_PRECONDITION (BUILD_FAILED) when there is no such directory; PERMISSION_DENIED
  // for one that may not be read; INVALID_ARGUMENT (CONFIGURATION) for an ignore file that does not
  // parse; CANCELLED.
  absl::StatusOr<std::shared_ptr<const ContextSnapshot>> Take(const ImageBuild& build,
                                                              const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Something ran that may have changed files: every context is looked at anew.
  void FilesMayHaveChanged() { ++epoch_; }

 private:
  struct Taken {
    std::shared_ptr<const ContextSnapshot> snapshot;
    int64_t epoch;  // When it was begun.
  };
  struct Context {
    SharedValue<const Taken> taken;
    std::atomic<int> times_changed = 0;  // How often files changed under a snapshot.
  };

  WatchedTrees& trees_;
  std::atomic<int64_t> epoch_ = 0;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Context>> contexts_ ABSL_GUARDED_BY(mutex_);  // By key.
};

}  // namespace nopo
