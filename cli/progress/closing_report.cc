#include "cli/progress/closing_report.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/progress/event_text.h"
#include "common/error.h"

namespace nopo {
namespace {

void AppendFailedTask(const TaskView& task, bool with_lines, const Palette& palette,
                      std::string& report) {
  absl::StrAppend(&report, palette.Red(absl::StrCat("✗ ", task.name)), "  ", FinishedText(task),
                  "\n");
  if (!with_lines) return;
  for (const std::string& line : task.last_lines) {
    absl::StrAppend(&report, "    ", palette.Dim("|"), " ", line, "\n");
  }
}

// A call that is cancelled ends at once, so the daemon's own word on these tasks is never heard.
std::string CancelledTasks(const ProgressModel& progress) {
  std::vector<std::string> names;
  for (const TaskView& task : progress.tasks()) {
    if (task.state == TaskState::kRunning || task.state == TaskState::kCancelled) {
      names.push_back(task.name);
    }
  }
  return names.empty() ? "" : absl::StrCat("cancelled: ", absl::StrJoin(names, ", "), "\n");
}

}  // namespace

std::string ClosingReport(const ProgressModel& progress, const absl::Status& outcome,
                          const ClosingReportOptions& options, const Palette& palette) {
  std::string report;
  const bool lone = progress.tasks().size() == 1;
  const bool repeat_lines = !options.output_was_shown || !lone;
  const bool repeat_failure = repeat_lines || !options.failure_was_told;
  for (const TaskView& task : progress.tasks()) {
    if (task.state != TaskState::kFailed || !repeat_failure) continue;
    AppendFailedTask(task, repeat_lines, palette, report);
  }
  if (!outcome.ok() && ReasonOf(outcome) == Reason::kInterrupted) {
    report += CancelledTasks(progress);
  }
  if (options.with_summary && !progress.summary().empty()) {
    absl::StrAppend(&report, progress.summary(),
                    absl::EndsWith(progress.summary(), "\n") ? "" : "\n");
  }
  return report + ErrorReport(outcome, palette);
}

std::string ErrorReport(const absl::Status& outcome, const Palette& palette) {
  if (outcome.ok()) return "";
  std::string report = absl::StrCat(palette.Red("error:"), " ", outcome.message(), "\n");
  for (const std::string& hint : HintsOf(outcome)) {
    absl::StrAppend(&report, palette.Yellow("hint:"), " ", hint, "\n");
  }
  return report;
}

}  // namespace nopo
