// What a run came to: the part of plan_runner.h that needs no threads.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "daemon/graph/plan_runner.h"

namespace nopo {

int RunSummary::CountOf(TaskOutcome outcome) const {
  return static_cast<int>(
      std::count_if(entries.begin(), entries.end(),
                    [outcome](const Entry& entry) { return entry.outcome == outcome; }));
}

const RunSummary::Entry* RunSummary::Find(absl::string_view task) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [task](const Entry& entry) { return entry.task == task; });
  return found == entries.end() ? nullptr : &*found;
}

absl::Status RunSummary::Outcome() const {
  if (cancelled) {
    return MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted, "interrupted");
  }
  std::vector<const Entry*> failed;
  std::vector<absl::string_view> names;
  for (const Entry& entry : entries) {
    if (entry.outcome != TaskOutcome::kFailed) continue;
    failed.push_back(&entry);
    names.push_back(entry.task);
  }
  if (failed.empty()) return absl::OkStatus();
  const absl::Status& first = failed.front()->status;
  if (failed.size() == 1) return WithPrefix(first, absl::StrCat(failed.front()->task, ": "));
  const bool alike = std::all_of(failed.begin(), failed.end(), [&first](const Entry* entry) {
    return entry->status.code() == first.code() && ReasonOf(entry->status) == ReasonOf(first);
  });
  return MakeError(alike ? first.code() : absl::StatusCode::kFailedPrecondition,
                   alike ? ReasonOf(first) : Reason::kTaskFailed,
                   absl::StrCat(failed.size(), " tasks failed: ", absl::StrJoin(names, ", ")),
                   alike ? HintsOf(first) : std::vector<std::string>());
}

}  // namespace nopo
