#include "daemon/build/tree_fingerprint.h"

#include "common/fingerprint.h"
#include "common/status_macros.h"

namespace nopo {

std::string TreeDigest(const FileTree& tree) {
  Fingerprint fingerprint;
  for (const TreeEntry& entry : tree.entries) {
    fingerprint.Add(entry.path).Add(int64_t{entry.mode});
    if (entry.IsDirectory()) {
      fingerprint.Add(int64_t{entry.list_error});
      continue;
    }
    fingerprint.Add(entry.link)
        .Add(entry.size)
        .Add(entry.modified_ns)
        .Add(entry.changed_ns)
        .Add(static_cast<int64_t>(entry.inode));
  }
  return fingerprint.Hex();
}

absl::StatusOr<TreeFingerprint> FingerprintTree(const std::filesystem::path& root,
                                                const IgnorePatterns& ignore, absl::Time now) {
  NOPO_ASSIGN_OR_RETURN(const FileTree tree, ReadFileTree(root, ignore, now));
  NOPO_RETURN_IF_ERROR(tree.CheckComplete());
  return TreeFingerprint{.digest = TreeDigest(tree),
                         .entries = static_cast<int64_t>(tree.entries.size()),
                         .settled = tree.IsSettled()};
}

}  // namespace nopo
