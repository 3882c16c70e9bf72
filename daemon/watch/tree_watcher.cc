#include "daemon/watch/tree_watcher.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

constexpr uint32_t kFileEvents =
    IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kDirectoryEvents =
    kFileEvents | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

// More than this is a checkout or an installation, after which the tree is walked anyway.
constexpr size_t kMostTouched = 4096;

// File systems on which every change is made through this kernel's VFS. Network file systems, FUSE
// and the shares of virtual machines change behind its back.
constexpr std::array<int64_t, 10> kLocalFileSystems = {
    EXT4_SUPER_MAGIC,    XFS_SUPER_MAGIC,      BTRFS_SUPER_MAGIC,
    TMPFS_MAGIC,         RAMFS_MAGIC,          OVERLAYFS_SUPER_MAGIC,
    F2FS_SUPER_MAGIC,    0x2FC12FC1 /* zfs */, 0xCA451A4E /* bcachefs */,
    REISERFS_SUPER_MAGIC};

// What is no directory any more is no trouble: it is another one's.
WatchTrouble TroubleOf(int error) {
  if (error == EACCES) return WatchTrouble::kPermission;
  return error == ENOSPC || error == ENOMEM ? WatchTrouble::kBudget : WatchTrouble::kNone;
}

}  // namespace

TreeWatch::~TreeWatch() { watcher_.Remove(*this); }

void TreeWatch::AddDirectory(const std::string& path) {
  watcher_.Add(*this, path, kDirectoryEvents);
}

void TreeWatch::AddFile(const std::string& path) { watcher_.Add(*this, path, kFileEvents); }

std::optional<std::vector<TouchedEntry>> TreeWatch::Changes() {
  return watcher_.TakeChanges(*this);
}

WatchTrouble TreeWatch::trouble() const {
  MutexLock lock(watcher_.mutex_);
  if (!is_lost_) return WatchTrouble::kNone;
  return trouble_ == WatchTrouble::kNone ? WatchTrouble::kOvertaken : trouble_;
}

TreeWatcher::TreeWatcher(int limit)
    : limit_(limit), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

int TreeWatcher::DefaultLimit() {
  std::ifstream file("/proc/sys/fs/inotify/max_user_watches");
  int allowed = 0;
  return file >> allowed ? allowed / 4 : 0;
}

std::unique_ptr<TreeWatch> TreeWatcher::Begin(const std::filesystem::path& root, ChangeBell* bell) {
  auto tree = std::unique_ptr<TreeWatch>(new TreeWatch(*this, root, bell));
  std::error_code error;
  tree->real_root_ = std::filesystem::canonical(root, error);
  struct stat status = {};
  MutexLock lock(mutex_);
  trees_.insert(tree.get());
  if (!inotify_.valid()) tree->trouble_ = WatchTrouble::kBudget;
  tree->is_lost_ = error || !inotify_.valid() || ::stat(root.c_str(), &status) != 0;
  if (tree->is_lost_) return tree;
  tree->device_ = status.st_dev;
  tree->inode_ = status.st_ino;
  mount_table_.Refresh();
  tree->mounts_ = mount_table_.MountsBelow(tree->real_root_);
  return tree;
}

int TreeWatcher::watched() const {
  MutexLock lock(mutex_);
  return static_cast<int>(places_.size());
}

void TreeWatcher::ReadNews() {
  MutexLock lock(mutex_);
  ReadEvents();
}

void TreeWatcher::Add(TreeWatch& tree, const std::string& path, uint32_t events) {
  MutexLock lock(mutex_);
  if (!tree.is_lost_) tree.is_lost_ = !TryAdd(tree, path, events);
}

bool TreeWatcher::TryAdd(TreeWatch& tree, const std::string& path, uint32_t events) {
  const std::filesystem::path full = tree.real_root_ / path;
  const UniqueFd fd(::open(full.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    tree.trouble_ = TroubleOf(errno);
    // Gone again, which its directory's watch tells.
    return errno == ENOENT && !path.empty();
  }
  if (!TellsAll(fd.get(), status.st_dev)) {
    tree.trouble_ = WatchTrouble::kFileSystem;
    return false;
  }
  // Through the descriptor: what is watched is what was looked at.
  const std::string opened = absl::StrCat("/proc/self/fd/", fd.get());
  const int watch = ::inotify_add_watch(inotify_.get(), opened.c_str(), events);
  if (watch < 0) {
    tree.trouble_ = TroubleOf(errno);
    return false;
  }
  const bool is_new = places_.find(watch) == places_.end();
  if (is_new && static_cast<int>(places_.size()) >= limit_) {
    ::inotify_rm_watch(inotify_.get(), watch);
    tree.trouble_ = WatchTrouble::kBudget;
    return false;
  }
  places_[watch].emplace_back(&tree, path);
  tree.watches_.insert(watch);
  return true;
}

bool TreeWatcher::TellsAll(int fd, uint64_t device) {
  const auto known = devices_.find(device);
  if (known != devices_.end()) return known->second;
  struct statfs system;
  const bool tells_all = ::fstatfs(fd, &system) == 0 &&
                         std::find(kLocalFileSystems.begin(), kLocalFileSystems.end(),
                                   static_cast<int64_t>(system.f_type)) != kLocalFileSystems.end();
  devices_[device] = tells_all;
  return tells_all;
}

std::optional<std::vector<TouchedEntry>> TreeWatcher::TakeChanges(TreeWatch& tree) {
  MutexLock lock(mutex_);
  // The root first: a change between the two looks is then in the queue.
  if (!tree.is_lost_ && !IsSameRoot(tree)) tree.is_lost_ = true;
  ReadEvents();
  if (tree.is_lost_) return std::nullopt;
  return std::exchange(tree.touched_, {});
}

bool TreeWatcher::IsSameRoot(const TreeWatch& tree) {
  struct stat status;
  if (::stat(tree.root_.c_str(), &status) != 0) return false;
  mount_table_.Refresh();
  return status.st_dev == tree.device_ && status.st_ino == tree.inode_ &&
         mount_table_.MountsBelow(tree.real_root_) == tree.mounts_;
}

void TreeWatcher::ReadEvents() {
  alignas(inotify_event) char buffer[64 * 1024];
  while (true) {
    const ssize_t count = ::read(inotify_.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    for (const char* at = buffer; at < buffer + count;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      Apply(event->wd, event->mask, event->len > 0 ? event->name : "");
      at += sizeof(inotify_event) + event->len;
    }
  }
}

void TreeWatcher::Apply(int watch, uint32_t events, absl::string_view name) {
  if ((events & IN_Q_OVERFLOW) != 0) return LoseAll();
  const auto found = places_.find(watch);
  if (found == places_.end()) return;  // Of a watch that was removed meanwhile.
  for (auto& [tree, path] : found->second) {
    if (tree->bell_ != nullptr) tree->bell_->Ring();
    if ((events & IN_UNMOUNT) != 0 || tree->touched_.size() >= kMostTouched) tree->is_lost_ = true;
    if (tree->is_lost_) continue;
    const bool below = !name.empty() && !path.empty();
    tree->touched_.push_back({.path = absl::StrCat(path, below ? "/" : "", name),
                              .is_directory = (events & IN_ISDIR) != 0});
  }
  if ((events & IN_IGNORED) == 0) return;
  for (auto& [tree, path] : found->second) tree->watches_.erase(watch);
  places_.erase(found);
}

void TreeWatcher::LoseAll() {
  for (TreeWatch* tree : trees_) {
    if (tree->bell_ != nullptr) tree->bell_->Ring();
    tree->is_lost_ = true;
  }
}

void TreeWatcher::Remove(TreeWatch& tree) {
  MutexLock lock(mutex_);
  trees_.erase(&tree);
  for (const int watch : tree.watches_) {
    const auto found = places_.find(watch);
    if (found == places_.end()) continue;
    std::erase_if(found->second, [&](const Place& place) { return place.first == &tree; });
    if (!found->second.empty()) continue;
    ::inotify_rm_watch(inotify_.get(), watch);
    places_.erase(found);
  }
}

}  // namespace nopo
