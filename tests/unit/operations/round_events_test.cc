#include "daemon/operations/round_events.h"

#include <gtest/gtest.h>

#include "daemon/events/collected_events.h"

namespace nopo {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

class RoundEventsTest : public ::testing::Test {
 protected:
  // `task` runs from the first to the second of the round.
  void Run(const std::string& task, TaskOutcome outcome = TaskOutcome::kSucceeded) {
    round_.Publish({kStart + absl::Seconds(1), TaskStarted{task}});
    round_.Publish({kStart + absl::Seconds(2), TaskFinished{.task = task, .outcome = outcome}});
  }

  CollectedEvents client_{EventWishes()};
  RoundEvents round_{client_, EventWishes()};
};

TEST_F(RoundEventsTest, PassesEverythingOn) {
  Run("web:build");
  round_.Info("changed: a");

  EXPECT_EQ(client_.Take().size(), 3);
}

TEST_F(RoundEventsTest, KnowsWhenCommandsRan) {
  round_.NoteCommands({"shared:build"});
  Run("shared:build", TaskOutcome::kFailed);

  EXPECT_TRUE(round_.CommandsRan());
  EXPECT_TRUE(round_.CommandsRanAt(kStart + absl::Milliseconds(1500)));
  EXPECT_FALSE(round_.CommandsRanAt(kStart + absl::Milliseconds(500)));
  EXPECT_FALSE(round_.CommandsRanAt(kStart + absl::Milliseconds(2001)));
  EXPECT_FALSE(round_.CommandsRanAt(absl::InfinitePast()));
}

TEST_F(RoundEventsTest, AllowsForTheTickOfTheKernelsClock) {
  round_.NoteCommands({"shared:build"});
  Run("shared:build");

  EXPECT_TRUE(round_.CommandsRanAt(kStart + absl::Milliseconds(990)));
}

TEST_F(RoundEventsTest, OtherTasksAndThoseUpToDateRanNothing) {
  round_.NoteCommands({"shared:build"});
  Run("web:build");
  Run("shared:build", TaskOutcome::kUpToDate);

  EXPECT_FALSE(round_.CommandsRan());
}

}  // namespace
}  // namespace nopo
