#include "common/program.h"

#include <gtest/gtest.h>

#include <thread>

namespace nopo {
namespace {

absl::StatusOr<ProgramOutcome> RunShell(const std::string& script, const std::string& input = "") {
  const Cancellation never;
  return RunProgram(
      {.arguments = {"/bin/sh", "-c", script}, .environment = {"COLOUR=red"}, .input = input},
      never);
}

TEST(RunProgramTest, CollectsBothStreamsAndTheExitCode) {
  const auto outcome = RunShell("echo out; echo err >&2; exit 3");

  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->out, "out\n");
  EXPECT_EQ(outcome->err, "err\n");
  EXPECT_EQ(outcome->exit_code, 3);
}

TEST(RunProgramTest, GivesTheProgramItsInputAndOnlyItsEnvironment) {
  const auto outcome = RunShell("cat; echo $COLOUR $HOME", "typed ");

  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->out, "typed red\n");
}

TEST(RunProgramTest, AProgramMayLeaveItsInputUnread) {
  const auto outcome = RunShell("exec <&-; echo done", "typed");

  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->out, "done\n");
}

TEST(RunProgramTest, ASignalledProgramHasNoExitCode) {
  EXPECT_EQ(RunShell("kill -KILL $$").value().exit_code, -1);
}

TEST(RunProgramTest, SaysThatThereIsNoSuchProgram) {
  const Cancellation never;

  EXPECT_TRUE(absl::IsNotFound(RunProgram({.arguments = {"/no/such"}}, never).status()));
}

TEST(RunProgramTest, KillsWhatIsCancelledWithItsChildren) {
  Cancellation cancelled;
  std::thread canceller([&] { cancelled.Cancel(); });

  const auto outcome =
      RunProgram({.arguments = {"/bin/sh", "-c", "/bin/sleep 1000 & wait"}}, cancelled);

  EXPECT_TRUE(absl::IsCancelled(outcome.status()));
  canceller.join();
}

TEST(FindProgramTest, SearchesFolderByFolder) {
  EXPECT_EQ(FindProgram("sh", "/no/such:/bin:/usr/bin"), "/bin/sh");
  EXPECT_EQ(FindProgram("sh", "/no/such"), "");
  EXPECT_EQ(FindProgram("/bin/sh", ""), "/bin/sh");
  EXPECT_EQ(FindProgram("passwd", "/etc"), "") << "no program";
}

}  // namespace
}  // namespace nopo
