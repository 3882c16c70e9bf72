#include "daemon/events/event_sink.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace nopo {
namespace {

class Recorder final : public EventSink {
 public:
  void Publish(Event event) override { events_.push_back(std::move(event)); }
  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
};

TEST(EventSinkTest, StampsAFactWithTheTime) {
  Recorder sink;
  const absl::Time before = absl::Now();

  sink.Report(TaskStarted{"web:build"});

  EXPECT_GE(sink.events()[0].time, before);
  EXPECT_EQ(std::get<TaskStarted>(sink.events()[0].fact).task, "web:build");
}

TEST(EventSinkTest, WritesLinesForTheUser) {
  Recorder sink;

  sink.Info("starting");
  sink.Warning("slow");

  const LogWritten info = std::get<LogWritten>(sink.events()[0].fact);
  const LogWritten warning = std::get<LogWritten>(sink.events()[1].fact);
  EXPECT_EQ(info.level, LogWritten::Level::kInfo);
  EXPECT_EQ(info.message, "starting");
  EXPECT_EQ(warning.level, LogWritten::Level::kWarning);
  EXPECT_EQ(warning.message, "slow");
}

TEST(TaskOutcomeTest, EveryOutcomeHasItsOwnName) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(TaskOutcome::kCancelled); ++i) {
    names.emplace(TaskOutcomeName(static_cast<TaskOutcome>(i)));
  }

  EXPECT_EQ(names,
            (std::set<std::string>{"succeeded", "up-to-date", "failed", "skipped", "cancelled"}));
}

}  // namespace
}  // namespace nopo
