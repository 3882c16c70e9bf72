#include "daemon/build/watched_trees.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "daemon/build/tree_fingerprint.h"

namespace nopo {
namespace {

// A tree takes some 200 bytes of memory for each of its files.
constexpr size_t kMostTrees = 64;

// Whether touching `entry` can make a difference to a tree that `ignore` thins out.
bool Counts(const TouchedEntry& entry, const IgnorePatterns& ignore) {
  // The root's own attributes are no part of its tree.
  if (entry.path.empty()) return false;
  return entry.is_directory ? !ignore.Prunes(entry.path) : !ignore.Excludes(entry.path);
}

// Files with several names can be edited under another one, which directories do not tell. False
// when one was edited before its own watch began.
bool WatchLinkedFiles(const FileTree& tree, TreeWatch& watch) {
  for (const TreeEntry& entry : tree.entries) {
    if (!entry.IsRegular() || entry.names < 2) continue;
    watch.AddFile(entry.path);
    struct stat stat;
    if (::lstat((tree.root / entry.path).c_str(), &stat) != 0 || !entry.IsStill(stat)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const DigestedTree>> WatchedTrees::Read(
    const std::filesystem::path& root, const std::vector<std::string>& ignore) {
  NOPO_ASSIGN_OR_RETURN(const IgnorePatterns patterns, IgnorePatterns::Create(ignore));
  const Key key{root, ignore};
  if (auto known = FindUnchanged(key, patterns)) return known;
  const std::shared_ptr<TreeWatch> watch = watcher_.Begin(root);
  NOPO_ASSIGN_OR_RETURN(
      FileTree tree, ReadFileTree(root, patterns, absl::Now(), [&](const std::string& directory) {
        watch->AddDirectory(directory);
      }));
  std::string digest = TreeDigest(tree);
  auto digested = std::make_shared<const DigestedTree>(
      DigestedTree{.tree = std::move(tree), .digest = std::move(digest)});
  if (WatchLinkedFiles(digested->tree, *watch)) Keep(key, digested, watch);
  return digested;
}

std::shared_ptr<const DigestedTree> WatchedTrees::FindUnchanged(const Key& key,
                                                                const IgnorePatterns& ignore) {
  Kept kept;
  {
    MutexLock lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end()) return nullptr;
    // Taken out, so that two who ask at once cannot share one report of a change.
    kept = std::move(found->second);
    kept_.erase(found);
  }
  const auto changes = kept.watch->Changes();
  const bool is_unchanged =
      changes.has_value() && std::none_of(changes->begin(), changes->end(),
                                          [&](const auto& entry) { return Counts(entry, ignore); });
  // An unsettled tree must be read again to be worth a record.
  if (!is_unchanged || !kept.tree->tree.IsSettled()) return nullptr;
  Keep(key, kept.tree, kept.watch);
  return kept.tree;
}

void WatchedTrees::Keep(const Key& key, std::shared_ptr<const DigestedTree> tree,
                        std::shared_ptr<TreeWatch> watch) {
  MutexLock lock(mutex_);
  kept_[key] = {.tree = std::move(tree), .watch = std::move(watch), .asked_at = absl::Now()};
  if (kept_.size() <= kMostTrees) return;
  kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
    return a.second.asked_at < b.second.asked_at;
  }));
}

int WatchedTrees::size() const {
  MutexLock lock(mutex_);
  return static_cast<int>(kept_.size());
}

}  // namespace nopo
