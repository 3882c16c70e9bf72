#include "daemon/events/phase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/events/collected_events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> PhasesIn(CollectedEvents& events) {
  std::vector<std::string> names;
  for (const Event& event : events.Take()) names.push_back(std::get<PhaseEnded>(event.fact).name);
  return names;
}

TEST(PhaseTest, ReportsItsEndToWhoWantsPhases) {
  CollectedEvents events(EventWishes{.phases = true});

  { const Phase phase(events, "plan"); }

  EXPECT_THAT(PhasesIn(events), ElementsAre("plan"));
}

TEST(PhaseTest, MayEndBeforeItsObject) {
  CollectedEvents events(EventWishes{.phases = true});

  Phase first(events, "open project");
  first.End();
  { const Phase second(events, "plan"); }
  first.End();

  EXPECT_THAT(PhasesIn(events), ElementsAre("open project", "plan"));
}

TEST(PhaseTest, IsSilentWhereNobodyWantsPhases) {
  CollectedEvents events(EventWishes{});

  { const Phase phase(events, "plan"); }

  EXPECT_THAT(PhasesIn(events), IsEmpty());
}

TEST(PhaseTest, LastsNoLongerThanFromItsStartToItsEvent) {
  CollectedEvents events(EventWishes{.phases = true});
  const absl::Time before = absl::Now();

  { const Phase phase(events, "plan"); }

  const Event event = events.Take().at(0);
  EXPECT_GE(std::get<PhaseEnded>(event.fact).duration, absl::ZeroDuration());
  EXPECT_GE(event.time, before);
}

TEST(CollectedEventsTest, GivesEachEventOnceInOrder) {
  CollectedEvents events(EventWishes{});
  events.Info("one");
  events.Info("two");

  const std::vector<Event> taken = events.Take();

  ASSERT_EQ(taken.size(), 2);
  EXPECT_EQ(std::get<LogWritten>(taken[0].fact).message, "one");
  EXPECT_EQ(std::get<LogWritten>(taken[1].fact).message, "two");
  EXPECT_THAT(events.Take(), IsEmpty());
}

TEST(CollectedEventsTest, TakesTheDebugLinesThatAreWanted) {
  CollectedEvents events(EventWishes{.debug = DebugAreas::Parse("cache")});

  events.Debug(DebugArea::kCache, [] { return "hit"; });
  events.Debug(DebugArea::kBuild, [] { return "sent"; });

  const std::vector<Event> taken = events.Take();
  ASSERT_EQ(taken.size(), 1);
  const LogWritten line = std::get<LogWritten>(taken[0].fact);
  EXPECT_EQ(line.level, LogWritten::Level::kDebug);
  EXPECT_EQ(line.area, "cache");
  EXPECT_EQ(line.message, "hit");
}

}  // namespace
}  // namespace nopo
