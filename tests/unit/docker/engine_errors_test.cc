#include "daemon/docker/engine_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

TEST(EngineErrorTest, CarriesTheEnginesMessage) {
  const absl::Status error = EngineError(404, "{\"message\":\"No such image: x:1\"}\n");

  EXPECT_TRUE(absl::IsNotFound(error));
  EXPECT_EQ(error.message(), "No such image: x:1");
  EXPECT_EQ(ReasonOf(error), Reason::kEngineFailed);
}

TEST(EngineErrorTest, TakesThePlainTextOfOldEngines) {
  EXPECT_EQ(EngineError(400, "client version 1.11 is too old\n").message(),
            "client version 1.11 is too old");
}

TEST(EngineErrorTest, NamesTheStatusWhenThereIsNoMessage) {
  EXPECT_EQ(EngineError(500, "").message(), "the Docker Engine answered HTTP 500");
}

TEST(EngineErrorTest, TellsATakenNameFromOtherConflicts) {
  EXPECT_TRUE(absl::IsAlreadyExists(EngineError(
      409, R"({"message":"Conflict. The container name \"/x\" is already in use by container"})")));
  EXPECT_TRUE(absl::IsAlreadyExists(
      EngineError(409, R"({"message":"network with name x already exists"})")));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(EngineError(409, R"({"message":"Container x is not running"})")));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      EngineError(403, R"({"message":"network x has active endpoints"})")));
}

TEST(StartErrorTest, KnowsAPortTakenByAContainerOrAProcess) {
  for (const char* message :
       {"driver failed ...: Bind for 127.0.0.1:38080 failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 127.0.0.1:1: bind: address already in use"}) {
    const absl::Status error = StartError(absl::InternalError(message));

    EXPECT_TRUE(absl::IsResourceExhausted(error));
    EXPECT_EQ(ReasonOf(error), Reason::kPortTaken);
    EXPECT_EQ(error.message(), message);
  }
}

TEST(StartErrorTest, LeavesOtherOutcomesAlone) {
  EXPECT_TRUE(StartError(absl::OkStatus()).ok());
  EXPECT_TRUE(absl::IsInternal(StartError(absl::InternalError("exec: no such file"))));
}

TEST(RegistryErrorTest, BlamesTheRegistryForWhatItSaid) {
  const absl::Status down = RegistryError(absl::InternalError("dial tcp: connection refused"));
  const absl::Status absent = RegistryError(absl::InternalError("manifest unknown"));

  EXPECT_TRUE(absl::IsUnavailable(down));
  EXPECT_EQ(ReasonOf(down), Reason::kNetwork);
  EXPECT_TRUE(absl::IsNotFound(absent));
  EXPECT_EQ(ReasonOf(absent), Reason::kNetwork);
}

TEST(RegistryErrorTest, TellsHowToLogInWhereTheRegistryLetsNobodyIn) {
  for (const char* words : {"no basic auth credentials", "unauthorized: authentication required",
                            "denied: requested access to the resource is denied"}) {
    const absl::Status status = RegistryError(absl::InternalError(words));

    EXPECT_EQ(ReasonOf(status), Reason::kNetwork) << words;
    EXPECT_THAT(HintsOf(status), Not(IsEmpty())) << words;
  }
}

TEST(RegistryErrorTest, DoesNotBlameItForAnImageThatTheEngineLacks) {
  const absl::Status status =
      RegistryError(absl::InternalError("An image does not exist locally with the tag: shop"));

  EXPECT_NE(ReasonOf(status), Reason::kNetwork);
}

TEST(RegistryErrorTest, DoesNotBlameItForALostEngine) {
  EXPECT_EQ(ReasonOf(RegistryError(LostEngineError({.path = "/x"}))), Reason::kEngineUnavailable);
}

TEST(DialErrorTest, AdvisesWhatToDo) {
  const absl::Status absent = DialError(absl::UnavailableError("connection refused"));
  const absl::Status forbidden = DialError(absl::PermissionDeniedError("permission denied"));

  EXPECT_EQ(ReasonOf(absent), Reason::kEngineUnavailable);
  EXPECT_EQ(ReasonOf(forbidden), Reason::kPermission);
  EXPECT_THAT(HintsOf(absent), Not(IsEmpty()));
  EXPECT_THAT(HintsOf(forbidden), Not(IsEmpty()));
}

}  // namespace
}  // namespace nopo
