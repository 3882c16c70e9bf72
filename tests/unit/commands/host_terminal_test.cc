// Commands that run on a terminal of their own; the rest of RunHostCommand is in
// host_process_test.cc.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <csignal>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/unique_fd.h"
#include "daemon/commands/host_process.h"
#include "tests/unit/commands/recorded_output.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HostTerminalTest : public ::testing::Test {
 protected:
  HostTerminalTest() {
    std::string pattern =
        (std::filesystem::path(::testing::TempDir()) / "nopo-terminal-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  ~HostTerminalTest() override { std::filesystem::remove_all(dir_); }

  TaskResult Run(const std::string& line) {
    const HostCommand command{.run = line,
                              .dir = dir_.string(),
                              .env = {{"PATH", "/usr/bin:/bin"}},
                              .terminal = client_.get()};
    return RunHostCommand("web:dev", command, output_, cancellation_, grace_);
  }
  // Blocks until nobody holds the lock on `name`.
  void WaitForLock(const std::string& name) {
    const UniqueFd lock(::open((dir_ / name).c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(::flock(lock.get(), LOCK_EX), 0);
  }

  std::filesystem::path dir_;
  std::unique_ptr<ClientTerminal> client_ = *ClientTerminal::Create();
  RecordedOutput output_;
  Cancellation cancellation_;
  absl::Duration grace_ = kStopGrace;
};

TEST_F(HostTerminalTest, AllThreeStreamsAreTheControllingTerminal) {
  const TaskResult result = Run("test -t 0 && test -t 1 && test -t 2 && echo yes > /dev/tty");

  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(output_.stdout_text(), "yes\r\n");
}

TEST_F(HostTerminalTest, SaysThatItHasTheTerminalBeforeItsOutput) {
  client_->Resize({.columns = 111, .rows = 40});

  Run("stty size");

  EXPECT_EQ(output_.attached(), "web:dev");
  EXPECT_EQ(output_.stdout_text(), "40 111\r\n");
}

TEST_F(HostTerminalTest, ReadsWhatIsTyped) {
  output_.WhenPrinted("name? ", [this] { client_->Type("Ada\r"); });

  EXPECT_TRUE(Run("printf 'name? '; read name; echo \"hello $name\"").status.ok());

  EXPECT_THAT(output_.stdout_text(), HasSubstr("hello Ada"));
}

TEST_F(HostTerminalTest, CtrlCIsTheTerminalsToTurnIntoASignal) {
  output_.WhenPrinted("ready", [this] { client_->Type("\x03"); });

  const TaskResult result = Run("echo ready; exec sleep 100000");

  EXPECT_EQ(ExitCodeOf(result.status), 128 + SIGINT);
  EXPECT_THAT(result.last_lines, IsEmpty()) << "they are on the user's screen";
}

TEST_F(HostTerminalTest, LosesNothingOfALargeOutput) {
  EXPECT_TRUE(Run("stty -opost; head -c 100000 /dev/zero").status.ok());

  EXPECT_EQ(output_.stdout_text().size(), 100000u);
}

TEST_F(HostTerminalTest, PrintsNoMoreThanTheClientTakes) {
  // Nothing is ever shown, so only what may be under way is read before the command is stopped.
  output_.WhenPrinted(std::string(50000, 'x'), [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("stty -opost; yes x | tr -d '\\n'");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
  EXPECT_LT(output_.stdout_text().size(), 2u << 20);
}

TEST_F(HostTerminalTest, CancellationIsSigterm) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result =
      Run("trap 'echo term; exit' TERM; trap 'echo hup; exit' HUP; echo ready;"
          " while :; do sleep 0.01; done");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(output_.stdout_text(), HasSubstr("term"));
}

TEST_F(HostTerminalTest, CancellationHangsUpWhatIgnoresSigterm) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  Run("trap '' TERM; trap 'echo hup; exit' HUP; echo ready; while :; do sleep 0.01; done");

  EXPECT_THAT(output_.stdout_text(), HasSubstr("hup\r\n"));
}

TEST_F(HostTerminalTest, CancellationEndsAnInteractiveShellAtItsPrompt) {
  grace_ = absl::InfiniteDuration();  // It is not killed.
  output_.WhenPrinted("ready> ", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("PS1='ready> ' exec sh -i");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
}

TEST_F(HostTerminalTest, AClientThatIsGoneIsSighup) {
  output_.WhenPrinted("ready", [this] {
    client_->HangUp();
    cancellation_.Cancel();
  });

  Run("trap 'echo term; exit' TERM; trap 'echo hup; exit' HUP; echo ready;"
      " while :; do sleep 0.01; done");

  EXPECT_THAT(output_.stdout_text(), AllOf(HasSubstr("hup\r\n"), Not(HasSubstr("term\r\n"))));
}

TEST_F(HostTerminalTest, ASignalReachesEveryGroupOfTheSession) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  // With job control the background job leads a group of its own.
  Run("set -m; sh -c 'trap \"echo job ended; exit\" TERM; echo ready; while :; do sleep 0.01; "
      "done' &"
      " set +m; trap 'wait' TERM; wait");

  EXPECT_THAT(output_.stdout_text(), HasSubstr("job ended"));
}

TEST_F(HostTerminalTest, WhatDoesNotEndInTimeIsKilled) {
  grace_ = absl::Milliseconds(50);
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("trap '' TERM HUP; echo ready; while :; do sleep 0.01; done");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
}

TEST_F(HostTerminalTest, NothingOfTheSessionOutlivesIt) {
  EXPECT_TRUE(Run("exec 9>lock; flock 9; set -m; sleep 100000 & exit 0").status.ok());

  WaitForLock("lock");
}

}  // namespace
}  // namespace nopo
