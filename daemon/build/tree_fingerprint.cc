#include "daemon/build/tree_fingerprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"
#include "daemon/build/fingerprint.h"

namespace nopo {
namespace {

// The kernel stamps files with the time of its last tick, at most 10 ms ago.
constexpr absl::Duration kClockGranularity = absl::Milliseconds(20);

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

// Names of the entries of `directory`, sorted.
std::vector<std::string> ReadNames(DIR* directory) {
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Walk {
 public:
  Walk(const std::filesystem::path& root, const IgnorePatterns& ignore)
      : root_(root), ignore_(ignore) {}

  absl::StatusOr<TreeFingerprint> Run(absl::Time now) {
    UniqueFd root(open(root_.c_str(), O_PATH | O_CLOEXEC));
    struct stat status;
    if (!root.valid() || fstat(root.get(), &status) != 0) return ErrorOf(errno, root_);
    if (S_ISDIR(status.st_mode)) {
      pending_.emplace_back("");
    } else {
      AddEntry("", status);
    }
    while (!pending_.empty()) {
      const std::string directory = std::move(pending_.back());
      pending_.pop_back();
      NOPO_RETURN_IF_ERROR(AddDirectory(root.get(), directory));
    }
    result_.digest = fingerprint_.Hex();
    result_.settled = absl::FromUnixNanos(newest_ns_) < now - kClockGranularity;
    return std::move(result_);
  }

 private:
  // `directory` is relative to the root, "" for the root itself. Opened by its whole path, so that
  // a deep tree needs no more descriptors than a flat one.
  absl::Status AddDirectory(int root, const std::string& directory) {
    const char* path = directory.empty() ? "." : directory.c_str();
    UniqueFd fd(openat(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) {
      const bool is_gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
      return is_gone ? absl::OkStatus() : ErrorOf(errno, root_ / directory);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fd.get()), closedir);
    if (stream == nullptr) return ErrorOf(errno, root_ / directory);
    const int number = fd.Release();  // The stream closes it.
    const auto first_child = static_cast<ptrdiff_t>(pending_.size());
    for (const std::string& name : ReadNames(stream.get())) {
      AddChild(number, name, directory.empty() ? name : absl::StrCat(directory, "/", name));
    }
    // The last one pushed is the next one read: keep the order of names.
    std::reverse(pending_.begin() + first_child, pending_.end());
    return absl::OkStatus();
  }

  void AddChild(int directory, const std::string& name, const std::string& path) {
    struct stat status;
    if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    const bool is_directory = S_ISDIR(status.st_mode);
    if (is_directory && !ignore_.Prunes(path)) pending_.push_back(path);
    if (ignore_.Excludes(path)) return;
    AddEntry(path, status);
    if (!S_ISLNK(status.st_mode)) return;
    char text[PATH_MAX];
    const ssize_t length = readlinkat(directory, name.c_str(), text, sizeof(text));
    fingerprint_.Add(absl::string_view(text, std::max<ssize_t>(length, 0)));
  }

  void AddEntry(absl::string_view path, const struct stat& status) {
    ++result_.entries;
    fingerprint_.Add(path).Add(int64_t{status.st_mode});
    if (S_ISDIR(status.st_mode)) return;
    const int64_t changed_ns = Nanoseconds(status.st_ctim);
    fingerprint_.Add(int64_t{status.st_size})
        .Add(Nanoseconds(status.st_mtim))
        .Add(changed_ns)
        .Add(static_cast<int64_t>(status.st_ino));
    newest_ns_ = std::max(newest_ns_, changed_ns);
  }

  const std::filesystem::path& root_;
  const IgnorePatterns& ignore_;
  std::vector<std::string> pending_;  // Directories still to be read.
  Fingerprint fingerprint_;
  TreeFingerprint result_;
  int64_t newest_ns_ = 0;  // The latest change of any entry, since 1970.
};

}  // namespace

absl::StatusOr<TreeFingerprint> FingerprintTree(const std::filesystem::path& root,
                                                const IgnorePatterns& ignore, absl::Time now) {
  return Walk(root, ignore).Run(now);
}

}  // namespace nopo
