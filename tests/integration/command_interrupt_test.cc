// Ctrl-C and other ways to end nopo while commands run.
#include <gmock/gmock.h>
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kLimit = absl::Minutes(1);

class CommandInterruptTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }

  // `nopo wait web`, whose command is `line`, once it has printed "ready".
  std::unique_ptr<TestProcess> Wait(const std::string& line) {
    Write("apps/web/nopo.yml", absl::StrCat("commands:\n  wait: |\n    ", line, "\n"));
    auto waiting = StartNopo({"wait", "web"});
    EXPECT_TRUE(waiting->WaitForOutput("ready", kLimit));
    return waiting;
  }
  bool Exists(const std::string& path) const { return std::filesystem::exists(project() / path); }
};

TEST_F(CommandInterruptTest, CtrlCAsksTheWholeProcessGroupToEnd) {
  const auto waiting = Wait(
      "sh -c 'trap \"echo child ended; exit\" TERM; echo ready; while :; do sleep 0.02; done' & "
      "trap 'wait; echo shell ended; exit' TERM; wait");

  waiting->Signal(SIGINT);

  const ProcessOutcome outcome = waiting->Wait(kLimit);
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.out, HasSubstr("[web:wait] child ended\n"));
  EXPECT_THAT(outcome.err, HasSubstr("error: interrupted\n"));
}

TEST_F(CommandInterruptTest, SigtermDoesTheSame) {
  const auto waiting =
      Wait("trap 'echo ended; exit' TERM; echo ready; while :; do sleep 0.02; done");

  waiting->Signal(SIGTERM);

  const ProcessOutcome outcome = waiting->Wait(kLimit);
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.out, HasSubstr("[web:wait] ended\n"));
}

TEST_F(CommandInterruptTest, WhatDoesNotEndIsKilled) {
  const auto waiting = Wait("trap '' TERM; echo ready; while :; do sleep 0.02; done");

  waiting->Signal(SIGINT);

  EXPECT_EQ(waiting->Wait(kLimit).exit_code, 130);
}

TEST_F(CommandInterruptTest, ASecondCtrlCLeavesAtOnce) {
  // It would go on until the file is there, which nobody writes before nopo has left.
  const auto waiting = Wait(
      "trap 'echo asked' TERM; echo ready; while [ ! -e go ]; do sleep 0.02; done; echo > end");
  waiting->Signal(SIGINT);
  ASSERT_TRUE(waiting->WaitForOutput("asked", kLimit));

  waiting->Signal(SIGINT);

  EXPECT_EQ(waiting->Wait(kLimit).exit_code, 130);
  Write("apps/web/go", "");
  EXPECT_TRUE(Eventually([&] { return Exists("apps/web/end"); }));
}

TEST_F(CommandInterruptTest, AKilledNopoCancelsWhatItStarted) {
  const auto waiting =
      Wait("trap 'echo > ended; exit' TERM; echo ready; while :; do sleep 0.02; done");

  waiting->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return Exists("apps/web/ended"); }));
  EXPECT_EQ(waiting->Wait(kLimit).exit_code, 137);
}

TEST_F(CommandInterruptTest, CtrlCRemovesOneOffContainersAndLeavesServicesUp) {
  WriteService("web",
               "infrastructure: {}\ncompose: {command: sleep 600}\n"
               "commands: {wait: 'echo ready; sleep 600'}\n");
  ASSERT_EQ(Nopo({"up", "web"}).exit_code, 0);
  const Container before = ContainerOf("web");
  const auto waiting = StartNopo({"run", "wait", "web"});
  ASSERT_TRUE(waiting->WaitForOutput("ready", kLimit));

  waiting->Signal(SIGINT);

  EXPECT_EQ(waiting->Wait(kLimit).exit_code, 130);
  ASSERT_EQ(AllContainers().size(), 1u);
  EXPECT_EQ(ContainerOf("web").id, before.id);
  EXPECT_EQ(ContainerOf("web").state, ContainerState::kRunning);
}

TEST_F(CommandInterruptTest, AKilledNopoLeavesNoOneOffContainer) {
  WriteService("web", "commands: {wait: 'echo ready; sleep 600'}\n");
  const auto waiting = StartNopo({"run", "wait", "web"});
  ASSERT_TRUE(waiting->WaitForOutput("ready", kLimit));

  waiting->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return AllContainers().empty(); }));
  waiting->Wait(kLimit);
}

TEST_F(CommandInterruptTest, TasksThatHaveNotStartedNeverDo) {
  Write("apps/api/nopo.yml", "dependencies: [web]\ncommands: {wait: 'echo > started'}\n");
  Write("apps/web/nopo.yml", "commands: {wait: 'echo ready; sleep 600'}\n");
  const auto waiting = StartNopo({"wait"});
  ASSERT_TRUE(waiting->WaitForOutput("ready", kLimit));

  waiting->Signal(SIGINT);

  EXPECT_EQ(waiting->Wait(kLimit).exit_code, 130);
  EXPECT_FALSE(Exists("apps/api/started"));
}

}  // namespace
}  // namespace nopo
