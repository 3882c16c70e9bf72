#include "daemon/operations/run_report.h"

#include <boost/json.hpp>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/duration_text.h"
#include "common/error.h"
#include "common/utf8.h"

namespace nopo {

std::string SummaryLine(const RunSummary& summary, absl::string_view done, absl::Duration elapsed) {
  const int up_to_date = summary.CountOf(TaskOutcome::kUpToDate);
  const std::string time = ShortDuration(elapsed);
  if (up_to_date == static_cast<int>(summary.entries.size())) {
    return absl::StrCat("nothing changed (", up_to_date, " up to date, ", time, ")");
  }
  const std::vector<std::pair<TaskOutcome, absl::string_view>> parts = {
      {TaskOutcome::kSucceeded, done},
      {TaskOutcome::kUpToDate, "up to date"},
      {TaskOutcome::kFailed, "failed"},
      {TaskOutcome::kSkipped, "skipped"},
      {TaskOutcome::kCancelled, "cancelled"}};
  std::vector<std::string> texts;
  for (const auto& [outcome, text] : parts) {
    if (const int count = summary.CountOf(outcome); count > 0) {
      texts.push_back(absl::StrCat(count, " ", text));
    }
  }
  return absl::StrCat(absl::StrJoin(texts, ", "), " in ", time);
}

std::string TasksJson(const RunSummary& summary) {
  boost::json::array tasks;
  for (const RunSummary::Entry& entry : summary.entries) {
    const absl::string_view outcome = TaskOutcomeName(entry.outcome);
    boost::json::object task{{"name", entry.task},
                             {"outcome", std::string(outcome)},
                             {"reason", ValidUtf8(entry.reason)},
                             {"duration_s", absl::ToDoubleSeconds(entry.duration)}};
    if (entry.outcome == TaskOutcome::kFailed) {
      task["error"] = ValidUtf8(entry.status.message());
      if (const auto code = TaskExitCodeOf(entry.status)) task["exit_code"] = *code;
    }
    tasks.push_back(std::move(task));
  }
  return boost::json::serialize(tasks);
}

}  // namespace nopo
