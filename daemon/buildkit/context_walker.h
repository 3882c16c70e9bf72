// Lists a tree in the order and with the facts that BuildKit's file sync expects.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/buildkit/file_stat.h"
#include "daemon/buildkit/file_tree.h"
#include "daemon/buildkit/path_filter.h"

namespace nopo {

// Takes one entry; an error stops the walk.
using EntrySink = absl::FunctionRef<absl::Status(const FileStat&)>;

// Calls `sink` for everything in `tree` that `filter` selects: each directory before what is in it,
// siblings sorted by bytes. A directory that is not selected itself comes just before the first
// selected entry below it. Later names of a file with several are hard links to the first selected
// one.
//
// Errors: PERMISSION_DENIED for a directory that could not be listed and may hold something
// selected; `sink`'s.
absl::Status WalkContext(const FileTree& tree, const PathFilter& filter, EntrySink sink);

}  // namespace nopo
