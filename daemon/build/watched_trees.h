// Build contexts that were listed before and have provably not changed since.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "daemon/buildkit/file_tree.h"
#include "daemon/buildkit/ignore_patterns.h"
#include "daemon/watch/tree_watcher.h"

namespace nopo {

// A tree and what TreeDigest says of it.
struct DigestedTree {
  FileTree tree;
  std::string digest;
};

// Lives as long as the daemon, so that a warm check of an unchanged context looks at no file. Keeps
// the trees that were asked for last, as many as its budget allows. Thread-safe.
class WatchedTrees {
 public:
  // `watcher` must outlive this.
  explicit WatchedTrees(TreeWatcher& watcher) : watcher_(watcher) {}

  // What ReadFileTree says of `root` and the rules in `ignore`: from memory when the tree was
  // watched since it was read and nothing that counts was touched, else read now.
  //
  // Errors: those of ReadFileTree and of IgnorePatterns::Create.
  absl::StatusOr<std::shared_ptr<const DigestedTree>> Read(const std::filesystem::path& root,
                                                           const std::vector<std::string>& ignore)
      ABSL_LOCKS_EXCLUDED(mutex_);

  TreeWatcher& watcher() { return watcher_; }
  // Trees kept.
  int size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Key = std::pair<std::filesystem::path, std::vector<std::string>>;
  struct Kept {
    std::shared_ptr<const DigestedTree> tree;
    std::shared_ptr<TreeWatch> watch;
    absl::Time asked_at;
  };

  // Null when it has to be read.
  std::shared_ptr<const DigestedTree> FindUnchanged(const Key& key, const IgnorePatterns& ignore)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(const Key& key, std::shared_ptr<const DigestedTree> tree,
            std::shared_ptr<TreeWatch> watch) ABSL_LOCKS_EXCLUDED(mutex_);

  TreeWatcher& watcher_;
  mutable Mutex mutex_;
  std::map<Key, Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
