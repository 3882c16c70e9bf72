#include "daemon/build/context_snapshots.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/status_macros.h"
#include "daemon/buildkit/build_session.h"

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

// Stands for the files that go into `build`: its context's directory and what is left out of it.
std::string NameOf(const ImageBuild& build) {
  return Fingerprint().Add(build.context_dir.string()).Add(build.ignore).Hex();
}

}  // namespace

absl::StatusOr<BuildContext> ContextSnapshots::Take(const ImageBuild& build,
                                                    const Cancellation& cancellation) {
  std::shared_ptr<Context> context;
  {
    MutexLock lock(mutex_);
    std::shared_ptr<Context>& known = contexts_[NameOf(build)];
    if (known == nullptr) known = std::make_shared<Context>();
    context = known;
  }
  const auto take = [&]() -> absl::StatusOr<std::shared_ptr<const Taken>> {
    const int64_t epoch = epoch_;
    NOPO_ASSIGN_OR_RETURN(BuildContext read, Read(build, *context));
    return std::make_shared<const Taken>(Taken{std::move(read), epoch});
  };
  const int64_t epoch = epoch_;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Taken> taken,
                          context->taken.Get(cancellation, take));
    const bool has_changed = !taken->context.files->ChangedFiles().empty();
    if (taken->epoch >= epoch && !has_changed) return taken->context;
    if (context->taken.Forget(taken) && has_changed) ++context->times_changed;
  }
}

absl::StatusOr<BuildContext> ContextSnapshots::Read(const ImageBuild& build, Context& context) {
  NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const DigestedTree> digested,
                        ReadContext(build, trees_));
  const std::string name = NameOf(build);
  Copies& copies = context.copies;
  if (copies.id.empty()) copies = CopiesOf(name, digested->tree.read_at);
  const auto on_change = context.times_changed < kStrictSnapshots
                             ? ContextSnapshot::OnChange::kFail
                             : ContextSnapshot::OnChange::kSend;
  return BuildContext{.files = std::make_shared<const ContextSnapshot>(
                          std::shared_ptr<const FileTree>(digested, &digested->tree),
                          digested->digest, on_change, copies.since),
                      .key = absl::StrCat(name, "-", copies.id)};
}

// A key that nobody can find again makes the next request send everything, no more.
ContextSnapshots::Copies ContextSnapshots::CopiesOf(const std::string& name, absl::Time now) {
  const std::string record_name = absl::StrCat("context ", name);
  const auto record = ledger_.FindBuild(scope_, record_name);
  if (record.ok() && record->has_value()) {
    return {.id = (*record)->fingerprint, .since = (*record)->built_at};
  }
  const Copies copies{.id = NewBuildkitId(), .since = now};
  ledger_.RecordBuild(scope_, record_name, {copies.id, "", copies.since}).IgnoreError();
  return copies;
}

}  // namespace nopo
