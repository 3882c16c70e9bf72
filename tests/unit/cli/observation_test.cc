#include "cli/observation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "common/error.h"
#include "tests/unit/cli/recorded_console.h"
#include "tests/unit/cli/timed_events.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ObservationTest : public testing::Test {
 protected:
  std::unique_ptr<Observation> Start(const std::string& debug,
                                     const DisplayArguments& display = {}) {
    auto observation = Observation::Start(
        display, console_.console(), {},
        [&](absl::string_view name) { return name == "DEBUG" ? debug : std::string(); });
    EXPECT_TRUE(observation.ok()) << observation.status();
    return *std::move(observation);
  }

  RecordedConsole console_;
};

TEST_F(ObservationTest, IsSilentUnlessAsked) {
  const auto observation = Start("");
  observation->Measure("connect", [] { return 1; });
  observation->Note(At(1, PhaseEnded("plan", 1)));
  observation->Finish();

  EXPECT_THAT(console_.error, IsEmpty());
}

TEST_F(ObservationTest, HandsOnWhatTheMeasuredWorkReturns) {
  EXPECT_EQ(Start("")->Measure("connect", [] { return std::string("answer"); }), "answer");
}

TEST_F(ObservationTest, TellsPhasesOfBothSidesAsTheyEndAndTheTableOnce) {
  const auto observation = Start("timing");
  observation->Measure("connect", [] { return 1; });
  observation->Note(At(9, PhaseEnded("plan", 2)));
  observation->Note(At(9, Started("web:build")));
  observation->Note(At(10, Finished("web:build", "", v1::TASK_OUTCOME_SUCCEEDED, 1)));
  const std::string lines = console_.error;
  observation->ShowTable();
  const std::string with_table = console_.error;
  observation->Finish();

  EXPECT_THAT(lines,
              AllOf(HasSubstr("[debug:timing] nopo: connect took "),
                    HasSubstr("[debug:timing] nopod: plan took 2.0 ms\n"),
                    HasSubstr("[debug:timing] web:build took 1.0 ms\n"), Not(HasSubstr("PHASE"))));
  EXPECT_THAT(with_table, AllOf(HasSubstr("PHASE"), HasSubstr("* web:build")));
  EXPECT_EQ(console_.error, with_table);
}

TEST_F(ObservationTest, ShowsLinesThroughARendererWhileThereIsOne) {
  const auto observation = Start("timing");
  std::vector<std::string> shown;
  observation->ShowThrough(
      [&](const v1::Event& event) { shown.push_back(event.log_written().area()); });
  observation->Measure("connect", [] { return 1; });
  observation->ShowThrough(nullptr);

  EXPECT_EQ(shown, std::vector<std::string>{"timing"});
  EXPECT_THAT(console_.error, IsEmpty());
}

TEST_F(ObservationTest, PrintsTheLinesThatCameWithAnAnswer) {
  const auto observation = Start("cache");
  v1::EventList events;
  *events.add_events() = Log(v1::LogWritten::LEVEL_DEBUG, "project: hit", "cache");
  *events.add_events() = PhaseEnded("plan", 1);

  observation->Receive(events.events());

  EXPECT_EQ(console_.error, "[debug:cache] project: hit\n");
}

TEST_F(ObservationTest, PrintsEventsWhereProgressIsJson) {
  const auto observation = Start("bogus", {.progress = "json"});

  EXPECT_THAT(console_.error, AllOf(HasSubstr("{\"time\":"), HasSubstr("there is no area")));
}

TEST_F(ObservationTest, WritesTheTraceAtTheEnd) {
  const std::string file = testing::TempDir() + "/observation_trace.json";
  const auto observation = Start("", {.trace = file});
  observation->Measure("connect", [] { return 1; });
  observation->Note(At(9, PhaseEnded("plan", 2)));
  observation->Finish();

  std::ostringstream trace;
  trace << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_THAT(trace.str(), AllOf(HasSubstr("\"connect\""), HasSubstr("\"plan\"")));
  EXPECT_THAT(console_.error, IsEmpty());
}

TEST_F(ObservationTest, RefusesATraceThatCannotBeWritten) {
  const auto observation =
      Observation::Start({.trace = "/nonexistent/trace.json"}, console_.console(), {},
                         [](absl::string_view) { return ""; });

  EXPECT_EQ(ReasonOf(observation.status()), Reason::kBadArguments);
}

}  // namespace
}  // namespace nopo
