#include "common/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Status Broken(Reason reason) {
  return MakeError(absl::StatusCode::kFailedPrecondition, reason, "broken", {"mend it"});
}

TEST(ErrorTest, CarriesReasonAndHints) {
  const absl::Status status = Broken(Reason::kConfiguration);

  EXPECT_EQ(status.message(), "broken");
  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(HintsOf(status), ElementsAre("mend it"));
}

TEST(ErrorTest, EveryReasonKeepsItsNameOnTheWire) {
  for (int i = 1; i <= static_cast<int>(Reason::kVersionMismatch); ++i) {
    const Reason reason = static_cast<Reason>(i);
    EXPECT_NE(ReasonName(reason), "UNSPECIFIED");
    EXPECT_EQ(ReasonFromName(ReasonName(reason)), reason);
  }
  EXPECT_EQ(ReasonName(Reason::kUnspecified), "UNSPECIFIED");
  EXPECT_EQ(ReasonFromName("NO_SUCH_REASON"), Reason::kUnspecified);
}

TEST(ErrorTest, TheFirstReasonStays) {
  EXPECT_EQ(ReasonOf(WithReason(absl::InternalError("x"), Reason::kNetwork)), Reason::kNetwork);
  EXPECT_EQ(ReasonOf(WithReason(Broken(Reason::kBuildFailed), Reason::kNetwork)),
            Reason::kBuildFailed);
}

TEST(ErrorTest, WithoutAReasonTheCodeGivesOne) {
  EXPECT_EQ(ReasonOf(absl::CancelledError("x")), Reason::kInterrupted);
  EXPECT_EQ(ReasonOf(absl::PermissionDeniedError("x")), Reason::kPermission);
  EXPECT_EQ(ReasonOf(absl::InvalidArgumentError("x")), Reason::kBadArguments);
  EXPECT_EQ(ReasonOf(absl::UnavailableError("x")), Reason::kEngineUnavailable);
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), Reason::kUnspecified);
}

TEST(ErrorTest, HintsAddUp) {
  EXPECT_THAT(HintsOf(WithHint(Broken(Reason::kNetwork), "or buy another")),
              ElementsAre("mend it", "or buy another"));
  EXPECT_THAT(HintsOf(absl::InternalError("x")), IsEmpty());
}

TEST(ErrorTest, APrefixKeepsAllElse) {
  const absl::Status status = WithPrefix(WithTaskExitCode(Broken(Reason::kTaskFailed), 3), "web: ");

  EXPECT_EQ(status.message(), "web: broken");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(HintsOf(status), ElementsAre("mend it"));
  EXPECT_EQ(TaskExitCodeOf(status), 3);
}

TEST(ErrorTest, OkStaysOk) {
  EXPECT_TRUE(WithReason(absl::OkStatus(), Reason::kNetwork).ok());
  EXPECT_TRUE(WithHint(absl::OkStatus(), "x").ok());
  EXPECT_TRUE(WithPrefix(absl::OkStatus(), "x").ok());
  EXPECT_TRUE(WithTaskExitCode(absl::OkStatus(), 3).ok());
}

TEST(ExitCodeTest, FollowsTheReason) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kTaskFailed)), 1);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kUnknownCommand)), 2);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kBadArguments)), 3);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kConfiguration)), 4);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kEngineUnavailable)), 5);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kEngineFailed)), 5);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kBuildFailed)), 5);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kServiceFailed)), 5);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kPortTaken)), 5);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kNetwork)), 6);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kPermission)), 7);
  EXPECT_EQ(ExitCodeOf(Broken(Reason::kInterrupted)), 130);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("x")), 1);
}

TEST(ExitCodeTest, OfOneFailedTaskIsItsOwnUnlessThatWouldMeanSuccess) {
  EXPECT_EQ(ExitCodeOf(WithTaskExitCode(Broken(Reason::kTaskFailed), 42)), 42);
  EXPECT_EQ(ExitCodeOf(WithTaskExitCode(Broken(Reason::kTaskFailed), 0)), 1);
}

}  // namespace
}  // namespace nopo
