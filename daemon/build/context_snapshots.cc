#include "daemon/build/context_snapshots.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/fingerprint.h"

namespace nopo {
namespace {

// Snapshots that may be lost to somebody who edits before whatever changes all the time is sent.
constexpr int kStrictSnapshots = 2;

absl::StatusOr<std::shared_ptr<const DigestedTree>> ReadContext(const ImageBuild& build,
                                                                WatchedTrees& trees) {
  auto digested = trees.Read(build.context_dir, build.ignore);
  if (absl::IsInvalidArgument(digested.status())) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                     absl::StrCat("what ", build.dockerfile_name,
                                  " ignores of its context: ", digested.status().message()));
  }
  const bool is_file = digested.ok() && !(*digested)->tree.entries.empty() &&
                       (*digested)->tree.entries.front().path.empty();
  if (is_file || absl::IsNotFound(digested.status())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
                     absl::StrCat(build.context_dir.string(), ": the build context of ",
                                  build.dockerfile_name, " is no directory"));
  }
  return digested;
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
    NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const DigestedTree> digested,
                          ReadContext(build, trees_));
    const auto on_change = context->times_changed < kStrictSnapshots
                               ? ContextSnapshot::OnChange::kFail
                               : ContextSnapshot::OnChange::kSend;
    auto snapshot = std::make_shared<const ContextSnapshot>(
        std::shared_ptr<const FileTree>(digested, &digested->tree), digested->digest, on_change);
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
