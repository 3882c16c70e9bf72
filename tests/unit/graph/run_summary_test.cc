#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "daemon/graph/plan_runner.h"

namespace nopo {
namespace {

absl::Status ExitedWith(int code) {
  return WithTaskExitCode(
      MakeError(absl::StatusCode::kFailedPrecondition, Reason::kTaskFailed, "exited"), code);
}

RunSummary::Entry Failed(absl::string_view task, absl::Status status) {
  return {.task = std::string(task), .outcome = TaskOutcome::kFailed, .status = std::move(status)};
}

RunSummary::Entry Succeeded(absl::string_view task) {
  return {.task = std::string(task), .outcome = TaskOutcome::kSucceeded};
}

TEST(RunSummaryTest, IsOkWhenEveryTaskSucceeded) {
  EXPECT_TRUE((RunSummary{{Succeeded("web:lint"), Succeeded("api:lint")}}.Outcome().ok()));
}

TEST(RunSummaryTest, OneFailureGivesItsOwnExitCodeAndNamesTheTask) {
  const absl::Status outcome =
      RunSummary{{Succeeded("api:lint"), Failed("web:lint", ExitedWith(3))}}.Outcome();

  EXPECT_EQ(outcome.message(), "web:lint: exited");
  EXPECT_EQ(ExitCodeOf(outcome), 3);
}

TEST(RunSummaryTest, SeveralFailuresGiveOneWhateverTheirCodes) {
  const absl::Status outcome =
      RunSummary{{Failed("web:lint", ExitedWith(3)), Failed("api:lint", ExitedWith(3))}}.Outcome();

  EXPECT_EQ(outcome.message(), "2 tasks failed: web:lint, api:lint");
  EXPECT_EQ(ExitCodeOf(outcome), kExitTaskFailed);
}

TEST(RunSummaryTest, SeveralFailuresKeepAReasonTheyShare) {
  const absl::Status build =
      MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "no luck");

  EXPECT_EQ(ExitCodeOf(RunSummary{{Failed("a:build", build), Failed("b:build", build)}}.Outcome()),
            kExitEngine);
  EXPECT_EQ(
      ExitCodeOf(RunSummary{{Failed("a:build", build), Failed("b:run", ExitedWith(2))}}.Outcome()),
      kExitTaskFailed);
}

TEST(RunSummaryTest, ACancelledRunIsInterruptedEvenIfATaskFailed) {
  RunSummary summary{{Failed("web:lint", ExitedWith(3))}};
  summary.cancelled = true;

  EXPECT_EQ(ExitCodeOf(summary.Outcome()), kExitInterrupted);
}

TEST(RunSummaryTest, CountsAndFindsEntries) {
  const RunSummary summary{{Succeeded("web:lint"), Failed("api:lint", ExitedWith(1))}};

  EXPECT_EQ(summary.CountOf(TaskOutcome::kFailed), 1);
  EXPECT_EQ(summary.CountOf(TaskOutcome::kSkipped), 0);
  EXPECT_EQ(summary.Find("api:lint")->outcome, TaskOutcome::kFailed);
  EXPECT_EQ(summary.Find("db:lint"), nullptr);
}

}  // namespace
}  // namespace nopo
