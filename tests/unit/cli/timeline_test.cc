#include "cli/progress/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/timed_events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TimelineTest, KnowsWhenEachTaskRan) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"shared:build", {}}, {"web:build", {"shared:build"}}})));
  timeline.Apply(At(10, Started("shared:build")));
  timeline.Apply(At(40, Finished("shared:build", "built")));

  const TimedTask& shared = timeline.tasks().at(0);
  EXPECT_EQ(shared.span.start, Moment(10));
  EXPECT_EQ(shared.span.end, Moment(40));
  EXPECT_EQ(shared.outcome, "succeeded");
  EXPECT_EQ(shared.reason, "built");
  const TimedTask& web = timeline.tasks().at(1);
  EXPECT_EQ(web.outcome, "waiting");
  EXPECT_FALSE(web.HasRun());
  EXPECT_THAT(web.depends_on, ElementsAre("shared:build"));
}

TEST(TimelineTest, ShowsTheErrorOfAFailedTask) {
  Timeline timeline;
  timeline.Apply(At(0, Started("web:lint")));
  timeline.Apply(At(5, Failed("web:lint", "exit code 3")));

  EXPECT_EQ(timeline.tasks().at(0).outcome, "failed");
  EXPECT_EQ(timeline.tasks().at(0).reason, "exit code 3");
}

TEST(TimelineTest, CountsAPhaseBackFromItsEnd) {
  Timeline timeline;

  timeline.Apply(At(30, PhaseEnded("plan", 20)));

  ASSERT_EQ(timeline.daemon_phases().size(), 1);
  EXPECT_EQ(timeline.daemon_phases()[0].name, "plan");
  EXPECT_EQ(timeline.daemon_phases()[0].start, Moment(10));
  EXPECT_EQ(timeline.daemon_phases()[0].end, Moment(30));
}

TEST(TimelineTest, AStepLastsUntilItIsDone) {
  Timeline timeline;
  timeline.Apply(At(0, Started("web:build")));
  timeline.Apply(At(10, Step("web:build", "a", "COPY . .")));
  timeline.Apply(At(20, StepDone("web:build", "a")));
  timeline.Apply(At(25, Step("web:build", "a", "late news")));
  timeline.Apply(At(90, Finished("web:build")));

  ASSERT_EQ(timeline.tasks().at(0).steps.size(), 1);
  const TimedStep& step = timeline.tasks()[0].steps[0];
  EXPECT_EQ(step.span.name, "COPY . .");
  EXPECT_EQ(step.span.start, Moment(10));
  EXPECT_EQ(step.span.end, Moment(20));
}

TEST(TimelineTest, AStepThatWasCutOffEndsWithItsTask) {
  Timeline timeline;
  timeline.Apply(At(0, Started("web:build")));
  timeline.Apply(At(10, Step("web:build", "a", "RUN sleep 100")));
  timeline.Apply(At(90, Finished("web:build", "", v1::TASK_OUTCOME_CANCELLED)));

  EXPECT_EQ(timeline.tasks().at(0).steps.at(0).span.end, Moment(90));
}

TEST(TimelineTest, BeginsWithWhateverCameFirst) {
  Timeline timeline;
  EXPECT_EQ(timeline.Start(), absl::InfiniteFuture());

  timeline.Apply(At(50, Started("web:build")));
  timeline.AddPhase({"connect", Moment(5), Moment(6)});

  EXPECT_EQ(timeline.Start(), Moment(5));
}

// The names of the tasks on the critical path.
std::vector<std::string> PathOf(const Timeline& timeline) {
  std::vector<std::string> names;
  for (const size_t i : CriticalPath(timeline.tasks())) {
    names.push_back(timeline.tasks()[i].span.name);
  }
  return names;
}

void AddRun(Timeline& timeline, const std::string& task, int start, int end) {
  timeline.Apply(At(start, Started(task)));
  timeline.Apply(At(end, Finished(task)));
}

TEST(CriticalPathTest, GoesBackFromTheLastTaskThroughTheDependencyThatEndedLast) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"a:build", {}},
                               {"b:build", {}},
                               {"c:build", {"a:build", "b:build"}},
                               {"d:build", {}}})));
  AddRun(timeline, "a:build", 0, 10);
  AddRun(timeline, "b:build", 0, 30);
  AddRun(timeline, "d:build", 0, 40);
  AddRun(timeline, "c:build", 30, 50);

  EXPECT_THAT(PathOf(timeline), ElementsAre("b:build", "c:build"));
}

TEST(CriticalPathTest, LeadsThroughADependencyThatOnlyHadToBeUnderWay) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"db:start", {}}, {"web:start", {"db:start"}}})));
  timeline.Apply(At(0, Started("db:start")));
  timeline.Apply(At(10, Started("web:start")));
  timeline.Apply(At(20, Finished("db:start")));
  timeline.Apply(At(60, Finished("web:start")));

  EXPECT_THAT(PathOf(timeline), ElementsAre("db:start", "web:start"));
}

TEST(CriticalPathTest, IsEmptyWhereNothingRan) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"a:build", {}}})));
  timeline.Apply(At(0, Finished("a:build", "not started", v1::TASK_OUTCOME_CANCELLED)));

  EXPECT_THAT(PathOf(timeline), IsEmpty());
}

TEST(TimelineTest, TasksOfTheNextRoundAreOthersOfTheSameNames) {
  Timeline timeline;
  for (const int start : {0, 100}) {
    timeline.Apply(At(start, PlanOf({{"web:build", {}}})));
    timeline.Apply(At(start + 10, Started("web:build")));
    timeline.Apply(At(start + 20, Finished("web:build")));
    timeline.Apply(At(start + 30, Round(1)));
  }

  ASSERT_EQ(timeline.tasks().size(), 2);
  EXPECT_EQ(timeline.tasks()[0].span.end, Moment(20));
  EXPECT_EQ(timeline.tasks()[1].span.start, Moment(110));
}

}  // namespace
}  // namespace nopo
