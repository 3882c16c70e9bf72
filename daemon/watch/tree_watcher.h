// Tells whether directory trees are still as they were when they were last walked.
//
// Linux only: built on inotify. The kernel queues an event within the system call that makes the
// change, so a change made before a question is in the queue when the question is asked. No thread
// is needed in between, and a daemon at rest is not woken; whoever wants to wait for a change polls
// the queue and gives his trees a bell, see change_wait.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "common/unique_fd.h"
#include "daemon/watch/change_bell.h"
#include "daemon/watch/mount_table.h"

namespace nopo {

class TreeWatcher;

// An entry of a watched tree that was made, removed, renamed or altered.
struct TouchedEntry {
  std::string path;  // From the tree's root; "" = the root itself.
  bool is_directory = false;
};

// Why a tree is not watched, or not as a whole.
enum class WatchTrouble {
  kNone,
  kOvertaken,   // Anything may have changed, the root may be gone; a new watch may do better.
  kBudget,      // All watches that the watcher, or the user, may have are taken.
  kFileSystem,  // It does not tell of every change.
  kPermission,  // A directory may not be read.
};

// The watch on one tree. Whoever walks the tree adds each directory before listing it, so that no
// change falls between the two. Thread-safe.
class TreeWatch {
 public:
  ~TreeWatch();
  TreeWatch(const TreeWatch&) = delete;
  TreeWatch& operator=(const TreeWatch&) = delete;

  // `path` is relative to the tree's root, "" for the root itself. What cannot be watched (budget
  // spent, a file system that does not tell of every change) makes Changes() empty for good.
  void AddDirectory(const std::string& path);
  // For files with several hard links: an edit under another name is told to nobody but the file.
  void AddFile(const std::string& path);

  // What was touched since the last call, or since the directories were added. Empty optional:
  // anything may have changed, now and whenever asked again; walk the tree with a new watch.
  //
  // Not seen: writes through a shared memory mapping, until the mapping ends.
  std::optional<std::vector<TouchedEntry>> Changes();

  // Why Changes() is empty for good; kNone when it is not. Reads no events.
  WatchTrouble trouble() const;

 private:
  friend class TreeWatcher;
  TreeWatch(TreeWatcher& watcher, std::filesystem::path root, ChangeBell* bell)
      : watcher_(watcher), bell_(bell), root_(std::move(root)) {}

  TreeWatcher& watcher_;
  ChangeBell* const bell_;            // May be null.
  const std::filesystem::path root_;  // As given: a link in it may come to lead elsewhere.
  // All of these belong to the watcher, under its lock.
  std::filesystem::path real_root_;  // Without links.
  uint64_t device_ = 0, inode_ = 0;  // Of the root.
  std::vector<std::string> mounts_;  // At and below the root.
  std::set<int> watches_;
  std::vector<TouchedEntry> touched_;
  bool is_lost_ = false;
  WatchTrouble trouble_ = WatchTrouble::kNone;
};

// Owns the watches of all trees. Thread-safe; outlives every TreeWatch.
class TreeWatcher {
 public:
  // Takes at most `limit` watches of the user's fs.inotify.max_user_watches.
  explicit TreeWatcher(int limit);

  // A quarter of what the system allows the user.
  static int DefaultLimit();

  // A watch on nothing yet; see TreeWatch. When `root` is no directory, its Changes() are empty.
  // `bell`, if there is one, rings whenever events are read that make for other Changes(), and must
  // outlive the watch.
  std::unique_ptr<TreeWatch> Begin(const std::filesystem::path& root, ChangeBell* bell = nullptr)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Readable (poll) while events wait that nobody has read.
  int events_fd() const { return inotify_.get(); }
  // Reads them, which rings bells.
  void ReadNews() ABSL_LOCKS_EXCLUDED(mutex_);

  // Directories and files watched.
  int watched() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class TreeWatch;

  // Where a watched inode is in a tree.
  using Place = std::pair<TreeWatch*, std::string>;

  void Add(TreeWatch& tree, const std::string& path, uint32_t events) ABSL_LOCKS_EXCLUDED(mutex_);
  bool TryAdd(TreeWatch& tree, const std::string& path, uint32_t events)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<std::vector<TouchedEntry>> TakeChanges(TreeWatch& tree) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(TreeWatch& tree) ABSL_LOCKS_EXCLUDED(mutex_);

  void ReadEvents() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(int watch, uint32_t events, absl::string_view name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoseAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether `root` still is the directory that was walked, with the same mounts in it.
  bool IsSameRoot(const TreeWatch& tree) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the file system of `fd` tells inotify of every change.
  bool TellsAll(int fd, uint64_t device) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int limit_;
  const UniqueFd inotify_;
  mutable Mutex mutex_;
  MountTable mount_table_ ABSL_GUARDED_BY(mutex_);
  std::map<int, std::vector<Place>> places_ ABSL_GUARDED_BY(mutex_);  // By watch.
  std::set<TreeWatch*> trees_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, bool> devices_ ABSL_GUARDED_BY(mutex_);  // TellsAll by device.
};

}  // namespace nopo
