#include "daemon/operations/run_report.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "common/error.h"

namespace nopo {
namespace {

RunSummary Ended(const std::vector<TaskOutcome>& outcomes) {
  RunSummary summary;
  for (const TaskOutcome outcome : outcomes) {
    summary.entries.push_back({.task = "a:build", .outcome = outcome});
  }
  return summary;
}

TEST(SummaryLineTest, CountsWhatHappenedInTheVerbOfTheOperation) {
  EXPECT_EQ(
      SummaryLine(Ended({TaskOutcome::kSucceeded, TaskOutcome::kUpToDate, TaskOutcome::kSucceeded,
                         TaskOutcome::kFailed, TaskOutcome::kSkipped, TaskOutcome::kCancelled}),
                  "built", absl::Milliseconds(4230)),
      "2 built, 1 up to date, 1 failed, 1 skipped, 1 cancelled in 4.2s");
}

TEST(SummaryLineTest, NamesOnlyWhatOccurred) {
  EXPECT_EQ(SummaryLine(Ended({TaskOutcome::kSucceeded}), "stopped", absl::Seconds(1)),
            "1 stopped in 1.0s");
}

TEST(SummaryLineTest, SaysThatNothingChanged) {
  EXPECT_EQ(SummaryLine(Ended({TaskOutcome::kUpToDate, TaskOutcome::kUpToDate}), "built",
                        absl::Milliseconds(12)),
            "nothing changed (2 up to date, 12ms)");
}

TEST(TasksJsonTest, TellsHowEachTaskEnded) {
  RunSummary summary;
  summary.entries = {
      {.task = "shared:build",
       .outcome = TaskOutcome::kUpToDate,
       .reason = "inputs unchanged",
       .duration = absl::Milliseconds(500)},
      {.task = "web:lint",
       .outcome = TaskOutcome::kFailed,
       .status = WithTaskExitCode(
           MakeError(absl::StatusCode::kAborted, Reason::kTaskFailed, "exit code 3"), 3)},
      {.task = "api:build",
       .outcome = TaskOutcome::kFailed,
       .status = MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "no such stage")}};

  EXPECT_EQ(boost::json::parse(TasksJson(summary)), boost::json::parse(R"([
    {"name": "shared:build", "outcome": "up-to-date", "reason": "inputs unchanged",
     "duration_s": 0.5},
    {"name": "web:lint", "outcome": "failed", "reason": "", "duration_s": 0.0,
     "error": "exit code 3", "exit_code": 3},
    {"name": "api:build", "outcome": "failed", "reason": "", "duration_s": 0.0,
     "error": "no such stage"}])"));
}

}  // namespace
}  // namespace nopo
