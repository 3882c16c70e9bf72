// An engine that stops in the middle of an operation, and comes back.
#include <gmock/gmock.h>
#include <optional>

#include "tests/fakes/engine_proxy.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

constexpr char kSleeper[] = "compose: {command: sleep 600, stop_grace_period: 0s, init: true}\n";

class EngineLossTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    proxy_.emplace(project().parent_path() / "engine.sock", engine().endpoint());
    environment()["DOCKER_HOST"] = proxy_->docker_host();
  }
  void TearDown() override {
    NopoTest::TearDown();
    proxy_.reset();
  }
  std::optional<EngineProxy> proxy_;
};

TEST_F(EngineLossTest, ABuildFailsAtOnceAndTheNextUpWorks) {
  WriteService("app", kSleeper, "RUN echo begun && sleep 600\n");
  const auto up = StartNopo({"up"});
  ASSERT_TRUE(up->WaitForOutput("begun", absl::Seconds(60)));

  proxy_->Cut();

  const ProcessOutcome lost = up->Wait(absl::Minutes(1));
  EXPECT_EQ(lost.exit_code, 5) << lost.err;
  EXPECT_THAT(lost.err, HasSubstr("engine"));
  proxy_->Restore();
  WriteService("app", kSleeper);
  const ProcessOutcome again = Nopo({"up"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

TEST_F(EngineLossTest, AHealthWaitFailsAtOnceAndTheNextUpWorks) {
  const std::string config = R"(
compose:
  command: sleep 600
  healthcheck: {test: [CMD, test, -e, /tmp/well], interval: 100ms, retries: 100000}
  stop_grace_period: 0s
)";
  WriteService("app", config);
  const auto up = StartNopo({"up"});
  ASSERT_TRUE(up->WaitForOutput("waiting for health", absl::Seconds(60)));

  proxy_->Cut();

  EXPECT_EQ(up->Wait(absl::Minutes(1)).exit_code, 5);
  proxy_->Restore();
  const std::string before = ContainerOf("app").id;
  Run({"docker", "exec", before, "touch", "/tmp/well"});
  EXPECT_EQ(Nopo({"up"}).exit_code, 0);
  EXPECT_EQ(ContainerOf("app").id, before);
}

TEST_F(EngineLossTest, WhatHappenedMeanwhileIsSeenAfterwards) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  proxy_->Cut();
  ASSERT_TRUE(engine().RemoveContainer(ContainerOf("app").id, true, true, never()).ok());
  EXPECT_EQ(Nopo({"up"}).exit_code, 5);

  proxy_->Restore();

  EXPECT_EQ(Nopo({"up"}).exit_code, 0);
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

}  // namespace
}  // namespace nopo
