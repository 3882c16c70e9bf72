// The build contexts of one request.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/shared_value.h"
#include "daemon/build/build_plan.h"
#include "daemon/build/watched_trees.h"
#include "daemon/buildkit/context_snapshot.h"
#include "daemon/state/ledger.h"

namespace nopo {

// A context, ready to be sent.
struct BuildContext {
  std::shared_ptr<const ContextSnapshot> files;
  std::string key;  // See SolveOptions::context_key.
};

// Lists each context once, however many images are made of it: they are all built of one state of
// its files. Thread-safe.
//
// The engine keeps copies of a context under a key, several when several images were sent at once,
// and nobody can tell which one it compares with. The ledger therefore has since when there are
// copies under the key; ContextSnapshot tells every state of a file since then from all others.
class ContextSnapshots {
 public:
  // `scope` is the ledger's. Both references must outlive this.
  ContextSnapshots(WatchedTrees& trees, Ledger& ledger, std::string scope)
      : trees_(trees), ledger_(ledger), scope_(std::move(scope)) {}

  // The context of `build`: the snapshot that an earlier image of the request was built of, unless
  // files may have changed since.
  //
  // One that files were seen to change under is taken anew. When that happens again and again, the
  // new one sends what it finds; see ContextSnapshot::OnChange.
  //
  // Errors: FAILED_PRECONDITION (BUILD_FAILED) when there is no such directory; PERMISSION_DENIED
  // for one that may not be read; INVALID_ARGUMENT (CONFIGURATION) for an ignore file that does not
  // parse; CANCELLED.
  absl::StatusOr<BuildContext> Take(const ImageBuild& build, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Something ran that may have changed files: every context is looked at anew.
  void FilesMayHaveChanged() { ++epoch_; }

 private:
  struct Taken {
    BuildContext context;
    int64_t epoch;  // When it was begun.
  };
  // The engine's copies of one context.
  struct Copies {
    std::string id;  // Of the key; "" before the first is looked for.
    absl::Time since;
  };
  struct Context {
    Copies copies;  // Whoever takes has it alone.
    SharedValue<const Taken> taken;
    std::atomic<int> times_changed = 0;  // How often files changed under a snapshot.
  };

  absl::StatusOr<BuildContext> Read(const ImageBuild& build, Context& context);
  // The copies that are on record, else those that will be made of what was read at `now`.
  Copies CopiesOf(const std::string& name, absl::Time now);

  WatchedTrees& trees_;
  Ledger& ledger_;
  const std::string scope_;
  std::atomic<int64_t> epoch_ = 0;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Context>> contexts_ ABSL_GUARDED_BY(mutex_);  // By name.
};

}  // namespace nopo
