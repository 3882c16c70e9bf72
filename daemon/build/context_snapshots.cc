#include "daemon/build/context_snapshots.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/fingerprint.h"
#include "daemon/build/tree_fingerprint.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {
namespace {

// Snapshots that may be lost to somebody who edits before whatever changes all the time is sent.
constexpr int kStrictSnapshots = 2;

absl::StatusOr<FileTree> ReadContext(const ImageBuild& build) {
  const absl::StatusOr<IgnorePatterns> ignore = IgnorePatterns::Create(build.ignore);
  if (!ignore.ok()) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                     absl::StrCat("what ", build.dockerfile_name,
                                  " ignores of its context: ", ignore.status().message()));
  }
  absl::StatusOr<FileTree> tree = ReadFileTree(build.context_dir, *ignore);
  const bool is_file = tree.ok() && !tree->entries.empty() && tree->entries.front().path.empty();
  if (is_file || absl::IsNotFound(tree.status())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
                     absl::StrCat(build.context_dir.string(), ": the build context of ",
                                  build.dockerfile_name, " is no directory"));
  }
  return tree;
}

}  // namespace

std::string ContextKey(const ImageBuild& build) {
  return Fingerprint().Add(build.context_dir.string()).Add(build.ignore).Hex();
}

absl::StatusOr<std::shared_ptr<const ContextSnapshot>> ContextSnapshots::Take(
    const ImageBuild& build, const Cancellation& cancellation) {
  std::shared_ptr<Context> context;
  {
    MutexLock lock(mutex_);
    std::shared_ptr<Context>& known = contexts_[ContextKey(build)];
    if (known == nullptr) known = std::make_shared<Context>();
    context = known;
  }
  const auto take = [&]() -> absl::StatusOr<std::shared_ptr<const Taken>> {
    const int64_t epoch = epoch_;
    NOPO_ASSIGN_OR_RETURN(FileTree tree, ReadContext(build));
    std::string version = TreeDigest(tree);
    const auto on_change = context->times_changed < kStrictSnapshots
                               ? ContextSnapshot::OnChange::kFail
                               : ContextSnapshot::OnChange::kSend;
    auto snapshot =
        std::make_shared<const ContextSnapshot>(std::move(tree), std::move(version), on_change);
    return std::make_shared<const Taken>(Taken{std::move(snapshot), epoch});
  };
  const int64_t epoch = epoch_;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Taken> taken,
                          context->taken.Get(cancellation, take));
    const bool has_changed = !taken->snapshot->ChangedFiles().empty();
    if (taken->epoch >= epoch && !has_changed) return taken->snapshot;
    if (context->taken.Forget(taken) && has_changed) ++context->times_changed;
  }
}

}  // namespace nopo
