#include "daemon/rpc/status_translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;

// The detail of that type; an empty one when the status has none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status wire;
  wire.ParseFromString(status.error_details());
  Detail detail;
  for (const auto& any : wire.details()) any.UnpackTo(&detail);
  return detail;
}

TEST(StatusTranslationTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusTranslationTest, KeepsCodeAndMessageInBothPlaces) {
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("unknown target 'wbe'"));
  google::rpc::Status wire;
  ASSERT_TRUE(wire.ParseFromString(status.error_details()));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "unknown target 'wbe'");
  EXPECT_EQ(wire.code(), 5);
  EXPECT_EQ(wire.message(), "unknown target 'wbe'");
}

TEST(StatusTranslationTest, TellsProgramsTheReasonAndTheExitCode) {
  const absl::Status failed =
      WithTaskExitCode(MakeError(absl::StatusCode::kAborted, Reason::kTaskFailed, "x"), 42);
  const auto error = DetailOf<google::rpc::ErrorInfo>(ToGrpcStatus(failed));

  EXPECT_EQ(error.domain(), "nopo");
  EXPECT_EQ(error.reason(), "TASK_FAILED");
  EXPECT_EQ(error.metadata().at("exit_code"), "42");
}

TEST(StatusTranslationTest, GivesTheExitCodeOfTheReasonWhereNoCommandFailed) {
  const absl::Status taken = MakeError(absl::StatusCode::kAborted, Reason::kPortTaken, "x");
  const auto error = DetailOf<google::rpc::ErrorInfo>(ToGrpcStatus(taken));
  EXPECT_EQ(error.metadata().at("exit_code"), std::to_string(ExitCodeOf(taken)));
}

TEST(StatusTranslationTest, SendsHintsAsHelp) {
  const absl::Status status = MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
                                        "no engine", {"start Docker", "set DOCKER_HOST"});
  const auto help = DetailOf<google::rpc::Help>(ToGrpcStatus(status));
  std::vector<std::string> hints;
  for (const auto& link : help.links()) hints.push_back(link.description());
  EXPECT_THAT(hints, ElementsAre("start Docker", "set DOCKER_HOST"));
}

TEST(StatusTranslationTest, SplitsConfigurationErrorsIntoViolations) {
  const absl::Status status =
      MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                "apps/web/nopo.yml:3:1: unknown key 'comands'\nnopo.yml:7:2: cpu: must be above 0");
  const auto request = DetailOf<google::rpc::BadRequest>(ToGrpcStatus(status));

  ASSERT_EQ(request.field_violations_size(), 2);
  EXPECT_EQ(request.field_violations(0).field(), "apps/web/nopo.yml:3:1");
  EXPECT_EQ(request.field_violations(0).description(), "unknown key 'comands'");
  EXPECT_EQ(request.field_violations(1).field(), "nopo.yml:7:2");
  EXPECT_EQ(request.field_violations(1).description(), "cpu: must be above 0");
}

TEST(StatusTranslationTest, SendsTheEventsThatGoWithAFailure) {
  v1::EventList events;
  events.add_events()->mutable_phase_ended()->set_name("open project");
  const absl::Status status = WithEvents(
      MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration, "no project"), events);

  const auto sent = DetailOf<v1::EventList>(ToGrpcStatus(status));

  ASSERT_EQ(sent.events_size(), 1);
  EXPECT_EQ(sent.events(0).phase_ended().name(), "open project");
  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
}

TEST(StatusTranslationTest, SendsNoEmptyList) {
  const absl::Status status = WithEvents(absl::NotFoundError("no project"), v1::EventList());

  EXPECT_EQ(DetailOf<v1::EventList>(ToGrpcStatus(status)).events_size(), 0);
  EXPECT_EQ(status, absl::NotFoundError("no project"));
}

}  // namespace
}  // namespace nopo
