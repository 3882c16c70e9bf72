#include "cli/progress/closing_report.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/progress/event_text.h"
#include "common/error.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

// Of a call that broke off: the daemon's own word on these tasks was never heard.
std::string UnfinishedTasks(const ProgressModel& progress) {
  std::vector<std::string> names;
  for (const TaskView& task : progress.tasks()) {
    if (task.state == TaskState::kRunning) names.push_back(task.name);
  }
  return names.empty() ? "" : absl::StrCat("cancelled: ", absl::StrJoin(names, ", "), "\n");
}

std::string HintLines(const absl::Status& outcome, const Palette& palette) {
  std::string lines;
  for (const std::string& hint : HintsOf(outcome)) {
    absl::StrAppend(&lines, palette.Yellow("hint:"), " ", hint, "\n");
  }
  return lines;
}

// Of an operation that ran to its end, which then has a summary, the outcome only says again which
// tasks failed.
bool TasksTellOutcome(const ProgressModel& progress, const absl::Status& outcome) {
  return progress.Count(TaskState::kFailed) > 0 && !progress.summary().empty() &&
         ReasonOf(outcome) != Reason::kInterrupted;
}

absl::Status OutcomeOf(const v1::RoundEnded& round) {
  if (round.reason().empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnknown, ReasonFromName(round.reason()), round.message(),
                   {round.hints().begin(), round.hints().end()});
}

}  // namespace

std::string ClosingReport(const ProgressModel& progress, const absl::Status& outcome,
                          const ClosingReportOptions& options, const Palette& palette) {
  std::string report;
  if (ReasonOf(outcome) == Reason::kInterrupted) report += UnfinishedTasks(progress);
  if (options.with_summary && !progress.summary().empty()) {
    absl::StrAppend(&report, absl::StripSuffix(progress.summary(), "\n"), "\n");
  }
  const bool with_lines = !options.output_was_shown || progress.tasks().size() > 1;
  for (const TaskView& task : progress.tasks()) {
    if (task.state == TaskState::kFailed) report += ErrorLines(task, with_lines, palette);
  }
  return report + (TasksTellOutcome(progress, outcome) ? HintLines(outcome, palette)
                                                       : ErrorReport(outcome, palette));
}

std::string RoundReport(const ProgressModel& progress, const v1::RoundEnded& round,
                        const ClosingReportOptions& options, const Palette& palette) {
  return ClosingReport(progress, OutcomeOf(round), options, palette);
}

std::string ErrorReport(const absl::Status& outcome, const Palette& palette) {
  if (outcome.ok()) return "";
  return absl::StrCat(palette.Red("error:"), " ", outcome.message(), "\n",
                      HintLines(outcome, palette));
}

}  // namespace nopo
