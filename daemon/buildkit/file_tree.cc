#include "daemon/buildkit/file_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace nopo {
namespace {

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

absl::Status ErrorOf(int error, const std::filesystem::path& path) {
  const std::string message = absl::StrCat(path.string(), ": cannot be read");
  if (error == EACCES || error == EPERM) {
    return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission, message);
  }
  return absl::ErrnoToStatus(error, message);
}

TreeEntry EntryFrom(const struct stat& stat, std::string path) {
  TreeEntry entry{.path = std::move(path), .mode = stat.st_mode};
  entry.modified_ns = Nanoseconds(stat.st_mtim);
  entry.changed_ns = Nanoseconds(stat.st_ctim);
  entry.device = stat.st_dev;
  entry.inode = stat.st_ino;
  entry.special_device = stat.st_rdev;
  entry.names = static_cast<uint32_t>(stat.st_nlink);
  if (!entry.IsDirectory()) entry.size = stat.st_size;
  return entry;
}

std::string ReadLink(int directory, const char* name) {
  char text[PATH_MAX];
  const ssize_t length = ::readlinkat(directory, name, text, sizeof(text));
  return std::string(text, static_cast<size_t>(std::max<ssize_t>(length, 0)));
}

// Names of the entries of `directory`, sorted by bytes.
std::vector<std::string> ReadNames(DIR* directory) {
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Reader {
 public:
  Reader(const IgnorePatterns& ignore, DirectoryObserver before_listing, FileTree& tree)
      : ignore_(ignore), before_listing_(before_listing), tree_(tree) {}

  absl::Status Run() {
    root_.Reset(::open(tree_.root.c_str(), O_PATH | O_CLOEXEC));
    struct stat stat;
    if (!root_.valid() || ::fstat(root_.get(), &stat) != 0) return ErrorOf(errno, tree_.root);
    if (!S_ISDIR(stat.st_mode)) {
      tree_.entries.push_back(EntryFrom(stat, ""));
      return absl::OkStatus();
    }
    const int error = ReadDirectory("");
    return error == 0 ? absl::OkStatus() : ErrorOf(error, tree_.root);
  }

 private:
  // Adds what is in `directory`; 0 or the errno with which it could not be listed.
  int ReadDirectory(const std::string& directory) {
    before_listing_(directory);
    std::vector<TreeEntry> children;
    const int error = Look(directory, children);
    for (TreeEntry& child : children) Add(std::move(child));
    return error;
  }

  // Opens `directory` by its whole path, so that a deep tree needs no more descriptors than a flat
  // one.
  int Look(const std::string& directory, std::vector<TreeEntry>& children) const {
    const char* path = directory.empty() ? "." : directory.c_str();
    UniqueFd fd(::openat(root_.get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) {
      const bool is_gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
      return is_gone ? 0 : errno;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), ::closedir);
    if (stream == nullptr) return errno;
    const int number = fd.Release();  // The stream closes it.
    for (const std::string& name : ReadNames(stream.get())) {
      struct stat stat;
      if (::fstatat(number, name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) != 0) continue;
      children.push_back(
          EntryFrom(stat, directory.empty() ? name : absl::StrCat(directory, "/", name)));
      if (S_ISLNK(stat.st_mode)) children.back().link = ReadLink(number, name.c_str());
    }
    return 0;
  }

  void Add(TreeEntry entry) {
    const bool is_ignored = ignore_.Excludes(entry.path);
    if (is_ignored && !entry.IsDirectory()) return;
    const std::string path = entry.path;
    const bool is_directory = entry.IsDirectory();
    waiting_.push_back(std::move(entry));
    if (!is_ignored) KeepWaiting();
    if (is_directory && !ignore_.Prunes(path)) AddBelow(path);
    if (!waiting_.empty() && waiting_.back().path == path) waiting_.pop_back();
  }

  void AddBelow(const std::string& directory) {
    const int error = ReadDirectory(directory);
    if (error == 0) return;
    KeepWaiting();
    tree_.entries.back().list_error = error;  // Nothing follows what could not be listed.
  }

  void KeepWaiting() {
    for (TreeEntry& entry : waiting_) tree_.entries.push_back(std::move(entry));
    waiting_.clear();
  }

  const IgnorePatterns& ignore_;
  const DirectoryObserver before_listing_;
  FileTree& tree_;
  UniqueFd root_;
  // The entry at hand and before it the ignored directories that lead there: kept when it is.
  std::vector<TreeEntry> waiting_;
};

}  // namespace

bool TreeEntry::IsDirectory() const { return S_ISDIR(mode); }
bool TreeEntry::IsRegular() const { return S_ISREG(mode); }

bool TreeEntry::IsStill(const struct stat& stat) const {
  return mode == stat.st_mode && size == stat.st_size && inode == stat.st_ino &&
         device == stat.st_dev && modified_ns == Nanoseconds(stat.st_mtim) &&
         changed_ns == Nanoseconds(stat.st_ctim);
}

bool FileTree::IsSettled() const {
  int64_t newest_ns = 0;
  for (const TreeEntry& entry : entries) {
    if (!entry.IsDirectory()) newest_ns = std::max(newest_ns, entry.changed_ns);
  }
  return absl::FromUnixNanos(newest_ns) < read_at - kClockGranularity;
}

absl::Status FileTree::CheckComplete() const {
  for (const TreeEntry& entry : entries) {
    if (entry.list_error != 0) return ErrorOf(entry.list_error, root / entry.path);
  }
  return absl::OkStatus();
}

absl::StatusOr<FileTree> ReadFileTree(const std::filesystem::path& root,
                                      const IgnorePatterns& ignore, absl::Time now,
                                      DirectoryObserver before_listing) {
  FileTree tree{.root = root, .read_at = now};
  NOPO_RETURN_IF_ERROR(Reader(ignore, before_listing, tree).Run());
  return tree;
}

}  // namespace nopo
