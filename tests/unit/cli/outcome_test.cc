#include "cli/outcome.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

google::rpc::ErrorInfo ErrorWith(const std::string& reason) {
  google::rpc::ErrorInfo error;
  error.set_domain("nopo");
  error.set_reason(reason);
  return error;
}

grpc::Status StatusWith(const google::rpc::ErrorInfo& error,
                        const google::protobuf::Message& more = google::rpc::Help()) {
  google::rpc::Status details;
  details.add_details()->PackFrom(error);
  details.add_details()->PackFrom(more);
  return {grpc::StatusCode::INTERNAL, "broken", details.SerializeAsString()};
}

TEST(OutcomeTest, TakesTheExitCodeFromTheReason) {
  const absl::Status outcome = OutcomeOf(StatusWith(ErrorWith("CONFIGURATION")));
  EXPECT_EQ(outcome.message(), "broken");
  EXPECT_EQ(ExitCodeOf(outcome), kExitConfiguration);
}

TEST(OutcomeTest, PrefersTheCodeOfTheTaskThatFailed) {
  google::rpc::ErrorInfo error = ErrorWith("TASK_FAILED");
  (*error.mutable_metadata())["exit_code"] = "42";
  EXPECT_EQ(ExitCodeOf(OutcomeOf(StatusWith(error))), 42);
}

TEST(OutcomeTest, CarriesAdvice) {
  google::rpc::Help help;
  help.add_links()->set_description("start Docker");
  help.add_links()->set_description("or set DOCKER_HOST");
  EXPECT_THAT(HintsOf(OutcomeOf(StatusWith(ErrorWith("ENGINE_UNAVAILABLE"), help))),
              ElementsAre("start Docker", "or set DOCKER_HOST"));
}

TEST(OutcomeTest, IgnoresReasonsOfOtherDomains) {
  google::rpc::ErrorInfo error = ErrorWith("CONFIGURATION");
  error.set_domain("example.com");
  EXPECT_EQ(ReasonOf(OutcomeOf(StatusWith(error))), Reason::kUnspecified);
}

TEST(OutcomeTest, SaysThatTheDaemonWentAwayWhenTheCallBrokeOff) {
  const absl::Status outcome =
      OutcomeOf(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"));
  EXPECT_THAT(std::string(outcome.message()), HasSubstr("went away"));
  EXPECT_EQ(ExitCodeOf(outcome), kExitEngine);
}

TEST(OutcomeTest, SaysSoWhereTheDaemonSpeaksAnotherLanguage) {
  const absl::Status outcome =
      OutcomeOf(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "No message returned"));
  EXPECT_THAT(std::string(outcome.message()), HasSubstr("do not understand each other"));
  EXPECT_THAT(HintsOf(outcome), ElementsAre(HasSubstr("`nopo daemon restart`")));
  EXPECT_EQ(ExitCodeOf(outcome), kExitEngine);
}

TEST(OutcomeTest, IsOkForAnOkStatus) { EXPECT_TRUE(OutcomeOf(grpc::Status::OK).ok()); }

TEST(EventsOfTest, AreThoseThatWentWithTheFailure) {
  v1::EventList events;
  events.add_events()->mutable_log_written()->set_message("root /shop");

  const v1::EventList found = EventsOf(StatusWith(ErrorWith("CONFIGURATION"), events));

  ASSERT_EQ(found.events_size(), 1);
  EXPECT_EQ(found.events(0).log_written().message(), "root /shop");
}

TEST(EventsOfTest, AreNoneWhereNoneWereSent) {
  EXPECT_EQ(EventsOf(grpc::Status::OK).events_size(), 0);
  EXPECT_EQ(EventsOf(StatusWith(ErrorWith("CONFIGURATION"))).events_size(), 0);
}

}  // namespace
}  // namespace nopo
