// On a real engine; see container_task_test.cc.
#include "daemon/commands/exec_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "tests/unit/commands/recorded_output.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class ExecTaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* host = std::getenv("NOPO_TEST_DOCKER_HOST");
    const char* image = std::getenv("NOPO_TEST_IMAGE");
    if (host == nullptr || image == nullptr) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine and image";
    }
    docker_ = std::make_unique<DockerEngine>(ParseEndpoint(host).value());
    exec_.container_name = absl::StrCat("nopo-exec-", ::getpid());
    exec_.container_id =
        docker_
            ->CreateContainer(
                exec_.container_name,
                {.image = image, .command = {{"sleep", "1000"}}, .network_mode = "none"}, never_)
            .value();
    ASSERT_EQ(docker_->StartContainer(exec_.container_id, never_), absl::OkStatus());
    exec_.client = client_.get();
  }
  void TearDown() override {
    if (docker_ == nullptr) return;
    docker_->RemoveContainer(exec_.container_id, /*force=*/true, /*volumes=*/true, never_)
        .IgnoreError();
  }

  absl::Status Run(const std::vector<std::string>& command, const ExecGrace& grace = {}) {
    exec_.spec.command = command;
    return RunExecTask(*docker_, "web:exec", exec_, output_, cancellation_, grace).status;
  }
  absl::Status RunShell(const std::string& line, const ExecGrace& grace = {}) {
    return Run({"sh", "-c", line}, grace);
  }
  // What `line` prints in the container.
  std::string Ask(const std::string& line) {
    RecordedOutput output;
    const std::unique_ptr<ClientTerminal> client = *ClientTerminal::Create();
    ExecTask exec = exec_;
    exec.client = client.get();
    exec.spec = {.command = {"sh", "-c", line}};
    RunExecTask(*docker_, "web:exec", exec, output, never_).status.IgnoreError();
    return output.stdout_text();
  }

  const Cancellation never_;
  std::unique_ptr<DockerEngine> docker_;
  std::unique_ptr<ClientTerminal> client_ = *ClientTerminal::Create();
  ExecTask exec_;
  RecordedOutput output_;
  Cancellation cancellation_;
};

TEST_F(ExecTaskTest, ReportsBothStreamsAndTheExitCode) {
  const absl::Status status = RunShell("echo out; echo error >&2; exit 3");

  EXPECT_EQ(ExitCodeOf(status), 3);
  EXPECT_EQ(ReasonOf(status), Reason::kTaskFailed);
  EXPECT_EQ(output_.stdout_text(), "out\n");
  EXPECT_EQ(output_.stderr_text(), "error\n");
  EXPECT_EQ(output_.attached(), "web:exec");
  EXPECT_TRUE(output_.plain());
}

TEST_F(ExecTaskTest, GivesTheCommandWhatIsTypedAndItsEnd) {
  client_->Type("typed");
  client_->EndTyping();

  EXPECT_TRUE(Run({"cat"}).ok());

  EXPECT_EQ(output_.stdout_text(), "typed");
}

TEST_F(ExecTaskTest, RunsOnATerminalOfTheClientsSize) {
  exec_.spec.tty = true;
  client_->Resize({.columns = 111, .rows = 40});

  EXPECT_TRUE(RunShell("test -t 0 && test -t 1 && sleep 0.2; stty size").ok());

  EXPECT_EQ(output_.stdout_text(), "40 111\r\n");
  EXPECT_FALSE(output_.plain());
}

TEST_F(ExecTaskTest, ACommandThatCannotStartHasTheEnginesCodeAndPrintsNothing) {
  for (const bool tty : {false, true}) {
    exec_.spec.tty = tty;
    const absl::Status status = Run({"nopo-has-no-such-program"});

    EXPECT_EQ(ReasonOf(status), Reason::kEngineFailed);
    EXPECT_THAT(ExitCodeOf(status), testing::AnyOf(126, 127));
    EXPECT_THAT(std::string(status.message()),
                MatchesRegex("cannot run `nopo-has-no-such-program` in nopo-exec-[0-9]+: "
                             "exec: .*not found in .PATH"));
    EXPECT_EQ(output_.stdout_text(), "");
  }
}

TEST_F(ExecTaskTest, ADetachedCommandIsOnlyStarted) {
  exec_.spec.attach = false;

  EXPECT_TRUE(RunShell("echo unheard; sleep 1000").ok());

  EXPECT_EQ(output_.stdout_text(), "");
  EXPECT_THAT(Ask("ps"), HasSubstr("sleep 1000"));
}

TEST_F(ExecTaskTest, ADetachedCommandThatCannotStartHasTheEnginesCode) {
  exec_.spec.attach = false;

  EXPECT_THAT(ExitCodeOf(Run({"nopo-has-no-such-program"})), testing::AnyOf(126, 127));
}

TEST_F(ExecTaskTest, CancellationAsksTheCommandToEndAndTellsWhatItPrintsThen) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const absl::Status status =
      RunShell("trap 'echo ended; exit' TERM; echo ready; while :; do sleep 0.05; done");

  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_THAT(output_.stdout_text(), HasSubstr("ended\n"));
  EXPECT_EQ(output_.log_text(), "");
}

TEST_F(ExecTaskTest, CancellationReachesWhatTheCommandStarted) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  RunShell("sleep 12345 & echo ready; wait").IgnoreError();

  EXPECT_THAT(Ask("ps"), testing::Not(HasSubstr("sleep 12345")));
}

TEST_F(ExecTaskTest, CancellationLetsNoShellGoOnWithItsNextCommand) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  RunShell("echo ready; for i in 1 2 3 4 5 6 7 8 9; do sleep 12345; echo > /tmp/went-on; done")
      .IgnoreError();

  EXPECT_EQ(Ask("ls /tmp"), "");
}

TEST_F(ExecTaskTest, CancellationLeavesOtherCommandsAlone) {
  ExecTask other = exec_;
  other.spec = {.command = {"sleep", "12345"}, .attach = false};
  ASSERT_TRUE(RunExecTask(*docker_, "web:exec", other, output_, never_).status.ok());
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  RunShell("echo ready; exec sleep 12345").IgnoreError();

  EXPECT_EQ(Ask("ps | grep -c '[s]leep 12345'"), "1\n");
}

TEST_F(ExecTaskTest, WhatDoesNotEndIsKilled) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const absl::Status status =
      RunShell("trap '' TERM; echo ready; while :; do sleep 0.05; done",
               {.until_killed = absl::Milliseconds(300), .without_signal = absl::Seconds(10)});

  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_THAT(Ask("ps"), testing::Not(HasSubstr("trap")));
  EXPECT_EQ(output_.log_text(), "");
}

TEST_F(ExecTaskTest, AShellOnATerminalIsHungUp) {
  exec_.spec.tty = true;
  client_->Type("echo rea''dy\r");
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  EXPECT_TRUE(absl::IsCancelled(Run({"sh", "-i"})));

  EXPECT_THAT(Ask("ps"), testing::Not(HasSubstr("sh -i")));
}

TEST_F(ExecTaskTest, ACommandThatPrintsForAClientThatDoesNotReadIsEndedToo) {
  output_.WhenPrinted("y\n", [this] { cancellation_.Cancel(); });

  // Nobody calls client_->Shown().
  EXPECT_TRUE(absl::IsCancelled(Run({"yes"})));

  EXPECT_THAT(Ask("ps"), testing::Not(HasSubstr("yes")));
}

TEST_F(ExecTaskTest, WhatCannotBeSignalledIsToldOfAndItsInputEnds) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });
  // The container has no `sh` any more.
  const std::string line = "mv /bin/sh /bin/shell; echo ready; cat; sleep 12345";

  const absl::Status status = RunShell(line, {.without_signal = absl::Milliseconds(300)});

  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_THAT(output_.log_text(), HasSubstr("the command goes on in " + exec_.container_name));
}

}  // namespace
}  // namespace nopo
