#include "daemon/rpc/event_translation.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

// `fact`, said to have happened at 1.5 s after the epoch, as JSON with the names of event.proto.
template <typename Fact>
std::string Translated(Fact fact) {
  v1::Event proto;
  EventToProto({absl::UnixEpoch() + absl::Milliseconds(1500), std::move(fact)}, proto);
  proto.clear_time();
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(proto, &json, options).ok());
  return json;
}

TEST(EventTranslationTest, KeepsTheTimeToTheNanosecond) {
  v1::Event proto;
  EventToProto({absl::UnixEpoch() + absl::Seconds(7) + absl::Nanoseconds(3), TaskStarted{"a"}},
               proto);
  EXPECT_EQ(proto.time().seconds(), 7);
  EXPECT_EQ(proto.time().nanos(), 3);
}

TEST(EventTranslationTest, TellsThePlan) {
  EXPECT_EQ(Translated(PlanReady{
                {{.name = "shared:build", .reason = "web needs it"},
                 {.name = "web:build", .depends_on = {"shared:build"}, .reason = "requested"}}}),
            R"({"plan_ready":{"tasks":[{"name":"shared:build","reason":"web needs it"},)"
            R"({"name":"web:build","depends_on":["shared:build"],"reason":"requested"}]}})");
}

TEST(EventTranslationTest, TellsWhatATaskDoes) {
  EXPECT_EQ(Translated(TaskStarted{"web:build"}), R"({"task_started":{"task":"web:build"}})");
  EXPECT_EQ(Translated(TaskProgress{.task = "web:build",
                                    .step = "1",
                                    .message = "[1/2] FROM base",
                                    .current = 3,
                                    .total = 9,
                                    .cached = true,
                                    .done = true}),
            R"({"task_progress":{"task":"web:build","step":"1","message":"[1/2] FROM base",)"
            R"("current":"3","total":"9","cached":true,"done":true}})");
}

TEST(EventTranslationTest, PassesOutputOnByteByByte) {
  v1::Event proto;
  const std::string bytes("\xff\0\n", 3);
  EventToProto({absl::UnixEpoch(),
                TaskOutput{.task = "a:b", .stream = TaskOutput::Stream::kStderr, .data = bytes}},
               proto);
  EXPECT_EQ(proto.task_output().data(), bytes);
  EXPECT_EQ(proto.task_output().stream(), v1::TaskOutput::STREAM_STDERR);
}

TEST(EventTranslationTest, TellsHowATaskEnded) {
  EXPECT_EQ(Translated(TaskFinished{.task = "web:lint",
                                    .outcome = TaskOutcome::kFailed,
                                    .duration = absl::Milliseconds(2500),
                                    .exit_code = 3,
                                    .error = "exit code 3",
                                    .last_lines = {"oh", "no"}}),
            R"({"task_finished":{"task":"web:lint","outcome":"TASK_OUTCOME_FAILED",)"
            R"("duration":"2.500s","exit_code":3,"error":"exit code 3",)"
            R"("last_lines":["oh","no"]}})");
}

TEST(EventTranslationTest, HasAWordForEveryOutcome) {
  const auto outcome = [](TaskOutcome outcome) {
    v1::Event proto;
    EventToProto({absl::UnixEpoch(), TaskFinished{.task = "a", .outcome = outcome}}, proto);
    return proto.task_finished().outcome();
  };
  EXPECT_EQ(outcome(TaskOutcome::kSucceeded), v1::TASK_OUTCOME_SUCCEEDED);
  EXPECT_EQ(outcome(TaskOutcome::kUpToDate), v1::TASK_OUTCOME_UP_TO_DATE);
  EXPECT_EQ(outcome(TaskOutcome::kFailed), v1::TASK_OUTCOME_FAILED);
  EXPECT_EQ(outcome(TaskOutcome::kSkipped), v1::TASK_OUTCOME_SKIPPED);
  EXPECT_EQ(outcome(TaskOutcome::kCancelled), v1::TASK_OUTCOME_CANCELLED);
}

TEST(EventTranslationTest, TellsLogLinesAndTheResult) {
  EXPECT_EQ(Translated(LogWritten{
                .level = LogWritten::Level::kDebug, .area = "cache", .message = "asked"}),
            R"({"log_written":{"level":"LEVEL_DEBUG","area":"cache","message":"asked"}})");
  EXPECT_EQ(Translated(ResultReady{.summary = "1 built", .output = "text", .json = "{}"}),
            R"({"result_ready":{"summary":"1 built","output":"text","json":"{}"}})");
}

TEST(EventTranslationTest, TellsWhetherATaskHasATerminalOrPlainStreams) {
  EXPECT_EQ(Translated(TerminalAttached{.task = "web:dev"}),
            R"({"terminal_attached":{"task":"web:dev"}})");
  EXPECT_EQ(Translated(TerminalAttached{.task = "web:exec", .plain = true}),
            R"({"terminal_attached":{"task":"web:exec","plain":true}})");
}

TEST(EventTranslationTest, TellsPhases) {
  EXPECT_EQ(Translated(PhaseEnded{.name = "plan", .duration = absl::Milliseconds(1500)}),
            R"({"phase_ended":{"name":"plan","duration":"1.500s"}})");
}

TEST(EventTranslationTest, TellsHowARoundEnded) {
  EXPECT_EQ(Translated(RoundEnded{.targets = 3}), R"({"round_ended":{"targets":3}})");
  EXPECT_EQ(Translated(RoundEnded{
                .outcome = MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                                     "nopo.yml:1: oops", {"mend it"}),
                .targets = 1,
                .last = true}),
            R"({"round_ended":{"reason":"CONFIGURATION","message":"nopo.yml:1: oops",)"
            R"("hints":["mend it"],"targets":1,"last":true}})");
}

}  // namespace
}  // namespace nopo
