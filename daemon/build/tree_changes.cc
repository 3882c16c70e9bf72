#include "daemon/build/tree_changes.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/build/input_files.h"

namespace nopo {
namespace {

using Entries = std::map<absl::string_view, const TreeEntry*>;  // By path.

Entries EntriesOf(const FileTree& tree) {
  Entries entries;
  for (const TreeEntry& entry : tree.entries) entries.emplace(entry.path, &entry);
  return entries;
}

// As TreeDigest tells states apart.
bool AreEqual(const TreeEntry& a, const TreeEntry& b) {
  if (a.mode != b.mode) return false;
  if (a.IsDirectory()) return a.list_error == b.list_error;
  return a.link == b.link && a.size == b.size && a.modified_ns == b.modified_ns &&
         a.changed_ns == b.changed_ns && a.inode == b.inode;
}

// A later write may have left `entry` as it is.
bool MayHideAWrite(const TreeEntry& entry, absl::Time read_at) {
  return !entry.IsDirectory() &&
         absl::FromUnixNanos(entry.changed_ns) >= read_at - kClockGranularity;
}

absl::string_view NameOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::vector<TreeChange> DiffTrees(const FileTree& before, const FileTree& after,
                                  const std::set<std::string>& touched) {
  std::map<std::string, absl::Time> changed;  // Sorted.
  const Entries old_entries = EntriesOf(before);
  const Entries new_entries = EntriesOf(after);
  for (const auto& [path, entry] : new_entries) {
    const auto old = old_entries.find(path);
    const bool is_same =
        old != old_entries.end() && AreEqual(*old->second, *entry) &&
        !(touched.contains(entry->path) && MayHideAWrite(*old->second, before.read_at));
    if (!is_same) changed[entry->path] = absl::FromUnixNanos(entry->changed_ns);
  }
  for (const auto& [path, entry] : old_entries) {
    if (!new_entries.contains(path)) changed[entry->path] = absl::InfinitePast();
  }
  std::vector<TreeChange> changes;
  for (auto it = changed.begin(); it != changed.end(); ++it) {
    if (IsEditorScratch(NameOf(it->first))) continue;
    const auto below = changed.lower_bound(absl::StrCat(it->first, "/"));
    if (below != changed.end() && absl::StartsWith(below->first, it->first + "/")) continue;
    changes.push_back({it->first, it->second});
  }
  return changes;
}

}  // namespace nopo
