#include "daemon/services/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

constexpr auto kStarted = DependencyCondition::kStarted;
constexpr auto kHealthy = DependencyCondition::kHealthy;
constexpr auto kCompleted = DependencyCondition::kCompletedSuccessfully;

// "ready", "waiting", or why it never will be.
std::string Verdict(std::optional<Container> container, DependencyCondition reach) {
  const absl::StatusOr<bool> ready = ReadinessOf("shop-web-1", container, reach);
  if (ready.ok()) return *ready ? "ready" : "waiting";
  EXPECT_EQ(ReasonOf(ready.status()), Reason::kServiceFailed);
  return std::string(ready.status().message());
}

TEST(ReadinessTest, WithoutAHealthCheckIsHealthyOnceItRuns) {
  EXPECT_EQ(Verdict(AContainer(), kHealthy), "ready");
  EXPECT_EQ(Verdict(AContainer().In(ContainerState::kCreated), kHealthy), "waiting");
}

TEST(ReadinessTest, FollowsTheHealthCheckOfWhatRuns) {
  EXPECT_EQ(Verdict(AContainer().Health(HealthState::kStarting), kHealthy), "waiting");
  EXPECT_EQ(Verdict(AContainer().Health(HealthState::kHealthy), kHealthy), "ready");
  EXPECT_EQ(Verdict(AContainer().Health(HealthState::kStarting), kStarted), "ready");
}

TEST(ReadinessTest, QuotesTheLastProbeOfAnUnhealthyOne) {
  Container container = AContainer().Health(HealthState::kUnhealthy);
  container.last_health_output = "connection refused\n";

  EXPECT_EQ(Verdict(container, kHealthy),
            "shop-web-1 is unhealthy; last probe: connection refused");
}

TEST(ReadinessTest, NamesTheExitCodeRatherThanTheHealthThatAnExitLeaves) {
  EXPECT_EQ(Verdict(AContainer().Health(HealthState::kUnhealthy).Exited(3), kHealthy),
            "shop-web-1 exited with code 3");
  EXPECT_EQ(Verdict(AContainer().Exited(0), kHealthy), "shop-web-1 exited with code 0");
}

TEST(ReadinessTest, SaysThatItRanOutOfMemory) {
  Container container = AContainer().Exited(137);
  container.oom_killed = true;

  EXPECT_EQ(Verdict(container, kHealthy),
            "shop-web-1 exited with code 137: out of memory (infrastructure.memory)");
}

TEST(ReadinessTest, IsCompleteOnceItExitedWithZero) {
  EXPECT_EQ(Verdict(AContainer(), kCompleted), "waiting");
  EXPECT_EQ(Verdict(AContainer().Exited(0), kCompleted), "ready");
  EXPECT_EQ(Verdict(AContainer().Exited(1), kCompleted), "shop-web-1 exited with code 1");
}

TEST(ReadinessTest, GivesUpOnWhatKeepsRestartingIsPausedOrGone) {
  Container container = AContainer().In(ContainerState::kRestarting);
  container.exit_code = 1;

  EXPECT_EQ(Verdict(container, kHealthy), "shop-web-1 keeps restarting; it exited with code 1");
  EXPECT_EQ(Verdict(AContainer().In(ContainerState::kPaused), kHealthy), "shop-web-1 is paused");
  EXPECT_EQ(Verdict(std::nullopt, kHealthy), "shop-web-1 was removed");
}

TEST(SettledAtTest, IsAMomentAfterTheStartWhateverTheEnginesClockSays) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  const absl::Duration moment = absl::Milliseconds(300);

  EXPECT_EQ(SettledAt(now - absl::Milliseconds(100), now), now + absl::Milliseconds(200));
  EXPECT_EQ(SettledAt(now - absl::Hours(1), now), now);
  EXPECT_EQ(SettledAt(now + absl::Hours(1), now), now + moment);
}

}  // namespace
}  // namespace nopo
