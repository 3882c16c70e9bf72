#include "cli/progress/trace_json.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/cli/timed_events.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The trace's events as "PROCESS/TRACK NAME START+DURATION" in milliseconds; names by metadata.
std::vector<std::string> SpansOf(const std::string& json) {
  google::protobuf::Struct trace;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &trace);
  EXPECT_TRUE(parsed.ok()) << json;
  std::map<std::string, std::string> names;
  std::vector<std::string> spans;
  for (const auto& value : trace.fields().at("traceEvents").list_value().values()) {
    const auto& fields = value.struct_value().fields();
    const std::string process = absl::StrCat(fields.at("pid").number_value());
    const std::string track = absl::StrCat(process, "/", fields.at("tid").number_value());
    const std::string& name = fields.at("name").string_value();
    if (fields.at("ph").string_value() == "M") {
      const auto& args = fields.at("args").struct_value().fields();
      names[name == "process_name" ? process : track] = args.at("name").string_value();
      continue;
    }
    EXPECT_EQ(fields.at("ph").string_value(), "X");
    spans.push_back(absl::StrCat(names[process], "/", names[track], " ", name, " ",
                                 fields.at("ts").number_value() / 1000, "+",
                                 fields.at("dur").number_value() / 1000));
  }
  return spans;
}

TEST(TraceJsonTest, HasAProcessForEachSideAndATrackForPhases) {
  Timeline timeline;
  timeline.AddPhase({"connect", Moment(0), Moment(2)});
  timeline.Apply(At(5, PhaseEnded("plan", 1)));

  EXPECT_THAT(SpansOf(TraceJson(timeline)),
              ElementsAre("nopo/phases connect 0+2", "nopod/phases plan 4+1"));
}

TEST(TraceJsonTest, PutsTasksThatRunTogetherOnTracksOfTheirOwn) {
  Timeline timeline;
  for (const auto& [task, start, end] : std::vector<std::tuple<std::string, int, int>>{
           {"a:build", 0, 10}, {"b:build", 0, 20}, {"c:build", 10, 30}}) {
    timeline.Apply(At(start, Started(task)));
    timeline.Apply(At(end, Finished(task)));
  }

  EXPECT_THAT(SpansOf(TraceJson(timeline)),
              ElementsAre("nopod/tasks 1 b:build 0+20", "nopod/tasks 2 a:build 0+10",
                          "nopod/tasks 2 c:build 10+20"));
}

TEST(TraceJsonTest, NestsStepsInTheirTaskAndThoseThatOverlapBesideIt) {
  Timeline timeline;
  timeline.Apply(At(0, Started("web:build")));
  timeline.Apply(At(1, Step("web:build", "one", "one")));
  timeline.Apply(At(2, Step("web:build", "two", "two")));
  timeline.Apply(At(5, StepDone("web:build", "one")));
  timeline.Apply(At(6, StepDone("web:build", "two")));
  timeline.Apply(At(7, Step("web:build", "three", "three")));
  timeline.Apply(At(8, StepDone("web:build", "three")));
  timeline.Apply(At(10, Finished("web:build")));

  EXPECT_THAT(SpansOf(TraceJson(timeline)),
              ElementsAre("nopod/tasks 1 web:build 0+10", "nopod/tasks 1 one 1+4",
                          "nopod/tasks 1, steps 1 two 2+4", "nopod/tasks 1 three 7+1"));
}

TEST(TraceJsonTest, TellsOutcomeReasonAndCriticalPathOfATask) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"a:build", {}}, {"web:build", {"a:build"}}})));
  timeline.Apply(At(0, Started("web:build")));
  timeline.Apply(At(9, Failed("web:build", "no \"space\" left")));

  EXPECT_THAT(
      TraceJson(timeline),
      AllOf(HasSubstr(R"("outcome":"failed")"), HasSubstr(R"("reason":"no \"space\" left")"),
            HasSubstr(R"("depends on":"a:build")"), HasSubstr(R"("critical path":true)")));
}

TEST(TraceJsonTest, LeavesOutTasksThatNeverStarted) {
  Timeline timeline;
  timeline.Apply(At(0, PlanOf({{"a:build", {}}})));

  EXPECT_THAT(SpansOf(TraceJson(timeline)), IsEmpty());
}

}  // namespace
}  // namespace nopo
