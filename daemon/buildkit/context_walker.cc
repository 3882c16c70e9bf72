#include "daemon/buildkit/context_walker.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

struct DirectoryCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// The names in `dir`, sorted by bytes.
absl::StatusOr<std::vector<std::string>> SortedNames(const std::filesystem::path& dir) {
  const std::unique_ptr<DIR, DirectoryCloser> stream(::opendir(dir.c_str()));
  if (stream == nullptr) {
    const std::string message =
        absl::StrCat("cannot read ", dir.string(), ": ", std::strerror(errno));
    if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError(message);
    return absl::PermissionDeniedError(message);
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Walker {
 public:
  Walker(const std::filesystem::path& root, const PathFilter& filter, EntrySink sink)
      : root_(root), filter_(filter), sink_(sink) {}

  absl::Status WalkDirectory(const std::string& dir) {
    absl::StatusOr<std::vector<std::string>> names = SortedNames(dir.empty() ? root_ : root_ / dir);
    const bool vanished = absl::IsNotFound(names.status()) && !dir.empty();
    if (vanished) return absl::OkStatus();
    NOPO_RETURN_IF_ERROR(names.status());
    for (const std::string& name : *names) {
      NOPO_RETURN_IF_ERROR(WalkEntry(dir.empty() ? name : absl::StrCat(dir, "/", name)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WalkEntry(const std::string& path) {
    const bool selected = filter_.Selects(path);
    if (!selected && !filter_.MaySelectBelow(path)) return absl::OkStatus();
    const std::filesystem::path file = root_ / path;
    struct stat stat;
    if (::lstat(file.c_str(), &stat) != 0) return absl::OkStatus();
    const bool is_directory = S_ISDIR(stat.st_mode);
    if (!selected && !is_directory) return absl::OkStatus();
    absl::StatusOr<FileStat> entry = DescribeFile(file, stat, path);
    if (!entry.ok()) return absl::OkStatus();
    if (is_directory) return WalkInto(*std::move(entry), selected);
    LinkToFirstName(stat, *entry);
    return Emit(*entry);
  }

  absl::Status WalkInto(FileStat dir, bool selected) {
    const std::string path = dir.path;
    const size_t unsent = unsent_parents_.size();
    if (selected) {
      NOPO_RETURN_IF_ERROR(Emit(dir));
    } else {
      unsent_parents_.push_back(std::move(dir));
    }
    if (filter_.MaySelectBelow(path)) NOPO_RETURN_IF_ERROR(WalkDirectory(path));
    if (unsent_parents_.size() > unsent) unsent_parents_.pop_back();
    return absl::OkStatus();
  }

  absl::Status Emit(const FileStat& entry) {
    for (const FileStat& parent : unsent_parents_) NOPO_RETURN_IF_ERROR(sink_(parent));
    unsent_parents_.clear();
    return sink_(entry);
  }

  // Makes `entry` a hard link if its file was sent under another name.
  void LinkToFirstName(const struct stat& stat, FileStat& entry) {
    if (stat.st_nlink < 2 || S_ISLNK(stat.st_mode)) return;
    const auto [first, is_first] = first_names_.try_emplace({stat.st_dev, stat.st_ino}, entry.path);
    if (is_first) return;
    entry.link = first->second;
    entry.size = 0;
  }

  const std::filesystem::path root_;
  const PathFilter& filter_;
  const EntrySink sink_;
  std::vector<FileStat> unsent_parents_;  // Of the entry at hand, outermost first.
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
};

}  // namespace

absl::Status WalkContext(const std::filesystem::path& root, const PathFilter& filter,
                         EntrySink sink) {
  return Walker(root, filter, sink).WalkDirectory("");
}

}  // namespace nopo
