#include "cli/progress/closing_report.h"

#include <gtest/gtest.h>

#include "cli/progress/event_text.h"
#include "common/error.h"
#include "tests/unit/cli/events.h"

namespace nopo {
namespace {

TEST(ClosingReportTest, IsTheSummaryWhenAllWentWell) {
  ProgressModel model;
  model.Apply(Result("3 services are up"), absl::UnixEpoch());
  EXPECT_EQ(ClosingReport(model, absl::OkStatus(), {}, Palette(false)), "3 services are up\n");
  EXPECT_EQ(ClosingReport(model, absl::OkStatus(), {.with_summary = false}, Palette(false)), "");
}

TEST(ClosingReportTest, NamesEachFailureOnceAfterTheSummary) {
  ProgressModel model;
  for (const v1::Event& event :
       {Plan({"web:build", "api:build"}), Failed("web:build", "exit code 2", {"cc x.c"}),
        Failed("api:build", "exit code 1"), Result("2 failed in 1.2s")}) {
    model.Apply(event, absl::UnixEpoch());
  }
  const absl::Status outcome =
      MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed,
                "2 tasks failed: web:build, api:build", {"nopo build --no-cache"});

  EXPECT_EQ(ClosingReport(model, outcome, {}, Palette(false)),
            "2 failed in 1.2s\n"
            "error: web:build: exit code 2\n"
            "    | cc x.c\n"
            "error: api:build: exit code 1\n"
            "hint: nopo build --no-cache\n");
}

TEST(ClosingReportTest, SaysWhyAnOperationBrokeOffAfterAFailure) {
  ProgressModel model;
  for (const v1::Event& event : {Plan({"web:build", "api:build"}), Started("api:build"),
                                 Failed("web:build", "exit code 2")}) {
    model.Apply(event, absl::UnixEpoch());
  }
  EXPECT_EQ(
      ClosingReport(model, absl::UnavailableError("the daemon went away"), {}, Palette(false)),
      "error: web:build: exit code 2\nerror: the daemon went away\n");
}

TEST(ClosingReportTest, ListsCancelledTasksOnlyWhenNobodyElseDid) {
  const absl::Status interrupted =
      MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted, "interrupted");
  ProgressModel model;
  for (const v1::Event& event : {Plan({"a:build", "b:build"}), Started("b:build"),
                                 Finished("a:build", "", v1::TASK_OUTCOME_CANCELLED)}) {
    model.Apply(event, absl::UnixEpoch());
  }
  EXPECT_EQ(ClosingReport(model, interrupted, {}, Palette(false)),
            "cancelled: b:build\nerror: interrupted\n");
}

TEST(FinishedTextTest, PutsTheTimeBetweenWhatWasDoneAndWhy) {
  TaskView task{.state = TaskState::kSucceeded, .duration = absl::Seconds(2)};
  EXPECT_EQ(FinishedText(task), "done in 2.0s");
  task.reason = "stopped 1 container";
  EXPECT_EQ(FinishedText(task), "stopped 1 container in 2.0s");
  task.reason = "created: no container yet";
  EXPECT_EQ(FinishedText(task), "created in 2.0s: no container yet");
}

TEST(ClosingReportTest, ColoursOnlyOnRequest) {
  const absl::Status error = absl::InternalError("x");
  EXPECT_EQ(ErrorReport(error, Palette(false)), "error: x\n");
  EXPECT_EQ(ErrorReport(error, Palette(true)), "\033[31merror:\033[0m x\n");
}

}  // namespace
}  // namespace nopo
