#include "daemon/buildkit/context_walker.h"

#include <sys/stat.h>

#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

bool IsBelow(absl::string_view path, absl::string_view directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' &&
         absl::StartsWith(path, directory);
}

class Walker {
 public:
  Walker(const FileTree& tree, const PathFilter& filter, EntrySink sink)
      : tree_(tree), filter_(filter), sink_(sink) {}

  absl::Status Run() {
    size_t at = 0;
    while (at < tree_.entries.size()) {
      const TreeEntry& entry = tree_.entries[at];
      while (!unsent_parents_.empty() && !IsBelow(entry.path, unsent_parents_.back()->path)) {
        unsent_parents_.pop_back();
      }
      const bool looks_below = entry.IsDirectory() && filter_.MaySelectBelow(entry.path);
      NOPO_RETURN_IF_ERROR(Visit(entry, looks_below));
      ++at;
      while (entry.IsDirectory() && !looks_below && at < tree_.entries.size() &&
             IsBelow(tree_.entries[at].path, entry.path)) {
        ++at;
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Visit(const TreeEntry& entry, bool looks_below) {
    if (filter_.Selects(entry.path)) {
      NOPO_RETURN_IF_ERROR(Send(entry));
    } else if (looks_below) {
      unsent_parents_.push_back(&entry);
    }
    if (!looks_below || entry.list_error == 0) return absl::OkStatus();
    return absl::PermissionDeniedError(absl::StrCat(
        "cannot read ", (tree_.root / entry.path).string(), ": ", std::strerror(entry.list_error)));
  }

  absl::Status Send(const TreeEntry& entry) {
    for (const TreeEntry* parent : unsent_parents_) {
      NOPO_RETURN_IF_ERROR(sink_(DescribeFile(tree_.root, *parent)));
    }
    unsent_parents_.clear();
    FileStat stat = DescribeFile(tree_.root, entry);
    LinkToFirstName(entry, stat);
    return sink_(stat);
  }

  // Makes `stat` a hard link if its file was sent under another name.
  void LinkToFirstName(const TreeEntry& entry, FileStat& stat) {
    if (entry.names < 2 || entry.IsDirectory() || S_ISLNK(entry.mode)) return;
    const auto [first, is_first] =
        first_names_.try_emplace({entry.device, entry.inode}, entry.path);
    if (is_first) return;
    stat.link = first->second;
    stat.size = 0;
  }

  const FileTree& tree_;
  const PathFilter& filter_;
  const EntrySink sink_;
  std::vector<const TreeEntry*> unsent_parents_;  // Of the entry at hand, outermost first.
  // The path first sent of each file with several, by device and inode.
  std::map<std::pair<uint64_t, uint64_t>, std::string> first_names_;
};

}  // namespace

absl::Status WalkContext(const FileTree& tree, const PathFilter& filter, EntrySink sink) {
  return Walker(tree, filter, sink).Run();
}

}  // namespace nopo
