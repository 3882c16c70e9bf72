// What differs between two looks at a tree. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/buildkit/file_tree.h"

namespace nopo {

struct TreeChange {
  std::string path;  // From the tree's root.
  absl::Time at;     // When it was made or written; InfinitePast for what is gone.
};

// Entries that came, went or are in another state, without editors' own files, sorted. A directory
// counts only where nothing in it does. `touched` are those of which the kernel told a change: of
// two writes within a tick of its clock both looks may see the same.
std::vector<TreeChange> DiffTrees(const FileTree& before, const FileTree& after,
                                  const std::set<std::string>& touched);

}  // namespace nopo
