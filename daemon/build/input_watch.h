// The watch of one operation on what its builds are made from, and on where its configuration lies.
//
// Each tree is watched before it is listed, so that what changes later is told. Nothing is read
// between two questions but in Wait, which blocks in poll(). Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/build/input_files.h"
#include "daemon/build/watched_trees.h"
#include "daemon/buildkit/file_tree.h"
#include "daemon/watch/change_wait.h"

namespace nopo {

struct InputChange {
  std::filesystem::path path;  // Absolute.
  absl::Time at;               // See TreeChange.
};

class InputWatch {
 public:
  // Takes its watches from the budget of `trees`, which must outlive this.
  explicit InputWatch(WatchedTrees& trees) : watcher_(trees.watcher()) {}

  // From now on Wait ends when an entry of one of `directories`, and of no others, is touched; for
  // one that is missing the nearest that exists stands in. True when one is watched only now: what
  // was read in it before may be out of date.
  bool WatchDirectories(const std::set<std::filesystem::path>& directories);

  // From now on `trees` are watched, and no others; what changed in them so far is forgotten.
  void WatchTrees(const std::set<InputTree>& trees);

  // What changed in the trees since the last call, or since WatchTrees; each path once, sorted.
  std::vector<InputChange> TakeChanges();

  // Errors: FAILED_PRECONDITION, or PERMISSION_DENIED, naming what cannot be watched and why.
  absl::Status Check() const;

  // Blocks until something watched was touched and has been at rest for a moment; see
  // WaitForChanges. It may have been something that does not count.
  absl::Status Wait(FirstChange first, const Cancellation& cancellation);

 private:
  struct Tree {
    IgnorePatterns ignore;
    std::unique_ptr<TreeWatch> watch;
    FileTree files;
  };

  void List(const std::filesystem::path& root, Tree& tree);
  void TakeChangesOf(const std::filesystem::path& root, Tree& tree,
                     std::map<std::filesystem::path, absl::Time>& changes);

  TreeWatcher& watcher_;
  ChangeBell bell_;
  std::map<std::filesystem::path, std::unique_ptr<TreeWatch>> directories_;
  std::map<InputTree, Tree> trees_;
};

}  // namespace nopo
