#include "cli/progress/timing_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/timed_events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;

TEST(TimingTextTest, CountsMillisecondsBelowASecond) {
  EXPECT_EQ(TimingText(absl::Microseconds(1234)), "1.2 ms");
  EXPECT_EQ(TimingText(absl::Milliseconds(999)), "999.0 ms");
  EXPECT_EQ(TimingText(absl::Milliseconds(3456)), "3.46 s");
}

TEST(TimingTableTest, ListsPhasesOfBothSidesThenTasksAndMarksTheCriticalPath) {
  Timeline timeline;
  timeline.AddPhase({"connect", Moment(0), Moment(2)});
  timeline.Apply(At(5, PhaseEnded("plan", 1)));
  timeline.Apply(At(6, PlanOf({{"a:build", {}}, {"b:build", {}}, {"c:build", {"b:build"}}})));
  timeline.Apply(At(6, Started("a:build")));
  timeline.Apply(At(6, Started("b:build")));
  timeline.Apply(At(16, Finished("a:build", "", v1::TASK_OUTCOME_UP_TO_DATE)));
  timeline.Apply(At(26, Finished("b:build")));
  timeline.Apply(At(26, Started("c:build")));
  timeline.Apply(At(2026, Failed("c:build", "exit code 1")));
  timeline.AddPhase({"call", Moment(2), Moment(2027)});

  EXPECT_THAT(TimingTable(timeline),
              ElementsAre("     START       TOOK  PHASE", "    0.0 ms     2.0 ms  nopo: connect",
                          "    2.0 ms     2.02 s  nopo: call", "    4.0 ms     1.0 ms  nopod: plan",
                          "     START       TOOK  OUTCOME       TASK (* = critical path)",
                          "    6.0 ms    10.0 ms  up to date    a:build",
                          "    6.0 ms    20.0 ms  succeeded   * b:build",
                          "   26.0 ms     2.00 s  failed      * c:build"));
}

TEST(TimingTableTest, HasNoTasksWhereThereWasNoPlan) {
  Timeline timeline;
  timeline.AddPhase({"connect", Moment(0), Moment(1)});

  EXPECT_THAT(TimingTable(timeline),
              ElementsAre("     START       TOOK  PHASE", "    0.0 ms     1.0 ms  nopo: connect"));
}

TEST(TimingTableTest, LeavesOutWhatWasNeverReached) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"a:build", {}}, {"b:build", {}}})));
  timeline.Apply(At(0, Started("a:build")));

  const std::vector<std::string> table = TimingTable(timeline);

  EXPECT_EQ(table.back(), "    0.0 ms     0.0 ms  running       a:build");
}

}  // namespace
}  // namespace nopo
