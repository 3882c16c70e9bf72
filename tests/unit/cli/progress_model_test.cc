#include "cli/progress/progress_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;

ProgressModel After(const std::vector<v1::Event>& events) {
  ProgressModel model;
  absl::Time now = absl::UnixEpoch();
  for (const v1::Event& event : events) {
    model.Apply(event, now);
    now += absl::Seconds(1);
  }
  return model;
}

TEST(ProgressModelTest, KnowsTheTasksOfThePlanBeforeTheyStart) {
  const ProgressModel model = After({Plan({"web:build", "web:start"})});
  ASSERT_EQ(model.tasks().size(), 2);
  EXPECT_EQ(model.tasks()[1].name, "web:start");
  EXPECT_EQ(model.Count(TaskState::kWaiting), 2);
}

TEST(ProgressModelTest, DatesATaskByWhenItStarted) {
  const ProgressModel model = After({Plan({"web:build"}), Started("web:build")});
  EXPECT_EQ(model.Find("web:build")->state, TaskState::kRunning);
  EXPECT_EQ(model.Find("web:build")->started, absl::UnixEpoch() + absl::Seconds(1));
  EXPECT_EQ(model.started(), absl::UnixEpoch());
}

TEST(ProgressModelTest, AddsATaskThatNoPlanAnnounced) {
  const ProgressModel model = After({Started("root:sync")});
  EXPECT_NE(model.Find("root:sync"), nullptr);
  EXPECT_EQ(model.Find("web:build"), nullptr);
}

TEST(ProgressModelTest, ShowsTheLatestStepWithItsTransfer) {
  v1::Event transfer = Step("web:build", "pull", "pulling base");
  transfer.mutable_task_progress()->set_current(12'000'000);
  transfer.mutable_task_progress()->set_total(40'000'000);
  const ProgressModel model =
      After({Plan({"web:build"}), Step("web:build", "1", "[1/2] FROM base"), transfer});
  EXPECT_EQ(model.Find("web:build")->detail, "pulling base 12.0 of 40.0 MB");
}

TEST(StepTextTest, IsOneLineWithTheSizeThatIsKnown) {
  v1::TaskProgress step;
  step.set_message("RUN a &&     b");
  step.set_cached(true);
  EXPECT_EQ(StepText(step), "CACHED RUN a && b");
  v1::TaskProgress transfer;
  transfer.set_message("transferring context");
  EXPECT_EQ(StepText(transfer), "transferring context");
  transfer.set_current(800);
  EXPECT_EQ(StepText(transfer), "transferring context 800 B");
  transfer.set_current(2'100'000);
  EXPECT_EQ(StepText(transfer), "transferring context 2.1 MB");
}

TEST(ProgressModelTest, ShowsTheLastWholeLineThatATaskPrinted) {
  const ProgressModel model =
      After({Plan({"web:build"}), Output("web:build", "one\ntw"), Output("web:build", "o\n\nthr")});
  EXPECT_EQ(model.Find("web:build")->detail, "two");
}

TEST(ProgressModelTest, TakesOutputOutsideThePlanForNoTask) {
  EXPECT_TRUE(After({Output("shop-web-1", "GET /\n")}).tasks().empty());
}

TEST(ProgressModelTest, KeepsWhatIsKnownOfAFailure) {
  const ProgressModel model = After({Failed("web:build", "exit code 2", {"a", "b"})});
  const TaskView& task = *model.Find("web:build");
  EXPECT_EQ(task.state, TaskState::kFailed);
  EXPECT_EQ(task.error, "exit code 2");
  EXPECT_EQ(task.duration, absl::Milliseconds(1200));
  EXPECT_THAT(task.last_lines, ElementsAre("a", "b"));
}

TEST(ProgressModelTest, CountsEveryOutcomeAsFinished) {
  const ProgressModel model = After(
      {Plan({"a", "b", "c", "d", "e", "f"}), Started("f"), Finished("a"),
       Finished("b", "", v1::TASK_OUTCOME_UP_TO_DATE), Finished("c", "", v1::TASK_OUTCOME_SKIPPED),
       Finished("d", "", v1::TASK_OUTCOME_CANCELLED), Failed("e", "x")});
  EXPECT_EQ(model.FinishedCount(), 5);
  EXPECT_EQ(model.Count(TaskState::kUpToDate), 1);
}

}  // namespace
}  // namespace nopo
