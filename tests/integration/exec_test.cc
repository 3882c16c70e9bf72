// `nopo exec`: commands in running containers.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr absl::Duration kLimit = absl::Minutes(1);

class ExecTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    WriteService("web", "infrastructure: {command: sleep 1000, min_instances: 2}\n");
    Write("apps/lib/nopo.yml", "commands: {lint: 'true'}\n");
    ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  }
  // Whether a process of web's first container has `text` in its command line.
  bool Runs(const std::string& text) {
    return Nopo({"exec", "web", "ps"}).out.find(text) != std::string::npos;
  }
  // A shell's command line with nopo in "$0", for what a shell makes of streams.
  ProcessOutcome Shell(const std::string& line) { return Run({"sh", "-c", line, NOPO_BINARY}); }
  // The same, left running.
  std::unique_ptr<TestProcess> StartShell(const std::string& line) {
    return std::make_unique<TestProcess>(std::vector<std::string>{"sh", "-c", line, NOPO_BINARY},
                                         environment(), project().string());
  }
};

TEST_F(ExecTest, RunsACommandWhoseWordsAreItsOwn) {
  const ProcessOutcome listed = Nopo({"exec", "WEB", "ls", "-d", "/etc", "--help-me-not"});
  const ProcessOutcome said = Nopo({"exec", "web", "sh", "-c", "echo out; echo err >&2"});

  EXPECT_NE(listed.exit_code, 0);
  EXPECT_THAT(said.out, "out\n");
  EXPECT_THAT(said.err, HasSubstr("err\n"));
}

TEST_F(ExecTest, EndsWithTheCommandsExitCode) {
  EXPECT_EQ(Nopo({"exec", "web", "sh", "-c", "exit 42"}).exit_code, 42);
  EXPECT_EQ(Nopo({"exec", "web", "/no/such/program"}).exit_code, 126);
}

TEST_F(ExecTest, HandsOnStandardInputToItsEnd) {
  const ProcessOutcome counted = Shell("head -c 3000000 /dev/zero | \"$0\" exec web wc -c");

  EXPECT_EQ(counted.exit_code, 0) << counted.err;
  EXPECT_THAT(counted.out, HasSubstr("3000000"));
}

TEST_F(ExecTest, TakesVariablesDirectoryUserAndContainer) {
  const ProcessOutcome told =
      Nopo({"exec", "-e", "WORD=hello", "-w", "/tmp", "-u", "1000:1000", "--index", "2", "web",
            "sh", "-c", "echo $WORD; pwd; id -u; hostname"});

  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("hello\n/tmp\n1000\n"));
  const std::string second = ContainersOf("web").back().id.substr(0, 12);
  EXPECT_THAT(told.out, HasSubstr(second));
}

TEST_F(ExecTest, AtATerminalTheCommandHasOne) {
  const auto exec =
      StartNopo({"exec", "web", "sh", "-c", "test -t 0 && read line && echo got $line"},
                TestProcess::Streams::kTerminal);
  ASSERT_TRUE(Eventually([&] { return exec->IsRaw(); }));

  exec->Type("word\n");

  EXPECT_TRUE(exec->WaitForOutput("got word", kLimit)) << exec->Output();
  EXPECT_EQ(exec->Wait(kLimit).exit_code, 0);
}

TEST_F(ExecTest, CtrlCEndsTheCommandInTheContainer) {
  const auto exec = StartNopo({"exec", "web", "sh", "-c", "echo begun; exec sleep 987"});
  ASSERT_TRUE(exec->WaitForOutput("begun", kLimit)) << exec->Output();

  exec->Signal(SIGINT);

  EXPECT_EQ(exec->Wait(kLimit).exit_code, 130);
  EXPECT_TRUE(Eventually([&] {
    const ProcessOutcome processes = Nopo({"exec", "web", "ps"});
    return processes.out.find("sleep 987") == std::string::npos;
  }));
}

TEST_F(ExecTest, WhereNothingRunsItSaysWhatToDo) {
  ASSERT_EQ(Nopo({"down"}).exit_code, 0);

  const ProcessOutcome exec = Nopo({"exec", "web", "true"});

  EXPECT_EQ(exec.exit_code, 5);
  EXPECT_THAT(exec.err, AllOf(HasSubstr("web"), HasSubstr("nopo up web")));
}

TEST_F(ExecTest, NeedsAServiceAndACommand) {
  EXPECT_EQ(Nopo({"exec", "lib", "true"}).exit_code, 3);
  EXPECT_EQ(Nopo({"exec", "wbe", "true"}).exit_code, 3);
  const ProcessOutcome nothing = Nopo({"exec", "web"});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_THAT(nothing.err, HasSubstr("which command"));
}

TEST_F(ExecTest, DryRunOnlyTells) {
  const ProcessOutcome told = Nopo({"exec", "--dry-run", "web", "touch", "/a b"});

  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("touch '/a b'"));
  EXPECT_NE(Nopo({"exec", "web", "test", "-e", "/a b"}).exit_code, 0);
}

TEST_F(ExecTest, AddsNothingToTheBytesOfTheCommand) {
  const ProcessOutcome said =
      Nopo({"exec", "web", "sh", "-c", "printf 'a\\000b\\377'; printf 'no line' >&2; exit 1"});

  EXPECT_EQ(said.out, std::string("a\0b\377", 4));
  EXPECT_EQ(said.err, "no line");
}

TEST_F(ExecTest, CarriesManyBytesBothWaysUnchanged) {
  const ProcessOutcome same =
      Shell("head -c 20000000 /dev/urandom > bytes; \"$0\" exec -T web cat < bytes | cmp - bytes");

  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
}

TEST_F(ExecTest, HoldsItsInputUpWhileTheCommandDoesNotReadInsteadOfFillingMemory) {
  const auto exec = StartShell(
      "{ head -c 100000000 /dev/zero && : > through; } | "
      "exec \"$0\" exec web sh -c 'sleep 1; echo still here; exec sleep 987'");
  ASSERT_TRUE(exec->WaitForOutput("still here", kLimit));

  EXPECT_FALSE(std::filesystem::exists(project() / "through"));
}

TEST_F(ExecTest, ACommandMayEndBeforeItsInput) {
  EXPECT_EQ(Shell("\"$0\" exec web true < /dev/zero").exit_code, 0);
}

TEST_F(ExecTest, AClosedInputIsAnEmptyOne) {
  EXPECT_EQ(Shell("\"$0\" exec web cat <&-").exit_code, 0);
}

TEST_F(ExecTest, ReadsNoInputForACommandThatDoesNotRun) {
  const ProcessOutcome lines =
      Shell("printf 'one\\ntwo\\n' | while read line; do echo $line; \"$0\" exec wbe cat; done");

  EXPECT_EQ(lines.out, "one\ntwo\n");
}

TEST_F(ExecTest, WhyACommandCannotStartIsNoOutputOfIt) {
  const ProcessOutcome exec = Nopo({"exec", "web", "no-such-program"});

  EXPECT_EQ(exec.out, "");
  EXPECT_THAT(exec.err, AllOf(HasSubstr("cannot run `no-such-program` in " + slug() + "-web-1"),
                              HasSubstr("not found")));
}

TEST_F(ExecTest, FollowsTheWindowAndHandsOnCtrlCAsAKey) {
  const auto shell = StartNopo({"exec", "web", "sh"}, TestProcess::Streams::kTerminal);
  ASSERT_TRUE(shell->WaitForOutput("# ", kLimit));
  shell->Resize(111, 40);
  EXPECT_TRUE(Eventually([&] {
    shell->Type("stty size\r");
    return shell->WaitForOutput("40 111", absl::Milliseconds(200));
  }));

  shell->Type("echo asle''ep; sleep 987\r");
  ASSERT_TRUE(shell->WaitForOutput("asleep", kLimit));
  shell->Type("\x03");
  shell->Type("exit 9\r");

  EXPECT_EQ(shell->Wait(kLimit).exit_code, 9);
}

TEST_F(ExecTest, WithoutATerminalAtATerminalLinesAreTyped) {
  const auto exec =
      StartNopo({"exec", "-T", "web", "sh", "-c", "test -t 0 || echo none; cat; exit 3"},
                TestProcess::Streams::kTerminal);
  ASSERT_TRUE(exec->WaitForOutput("none", kLimit));
  EXPECT_FALSE(exec->IsRaw());

  exec->Type("word\r");
  ASSERT_TRUE(exec->WaitForOutput("word\r\nword", kLimit)) << "echoed, and by cat";
  exec->Type("\x04");

  EXPECT_EQ(exec->Wait(kLimit).exit_code, 3);
}

TEST_F(ExecTest, AKilledNopoEndsTheCommandToo) {
  for (const auto streams : {TestProcess::Streams::kPipes, TestProcess::Streams::kTerminal}) {
    const auto exec = StartNopo({"exec", "web", "sh", "-c", "echo begun; exec sleep 987"}, streams);
    ASSERT_TRUE(exec->WaitForOutput("begun", kLimit));

    exec->Signal(SIGKILL);

    EXPECT_TRUE(Eventually([&] { return !Runs("sleep 987"); }));
    exec->Wait(kLimit);
  }
}

TEST_F(ExecTest, DetachedGoesOnByItself) {
  EXPECT_EQ(Nopo({"exec", "-d", "web", "sleep", "987"}).exit_code, 0);
  EXPECT_TRUE(Runs("sleep 987"));
  EXPECT_EQ(Nopo({"exec", "-d", "web", "no-such-program"}).exit_code, 126);
}

TEST_F(ExecTest, WorksWhileTheProjectIsBeingBuilt) {
  Write("apps/slow/nopo.yml", "build: {command: 'echo begun; sleep 987', output: [x]}\n");
  const auto build = StartNopo({"build", "slow"});
  ASSERT_TRUE(build->WaitForOutput("begun", kLimit)) << build->Output();

  EXPECT_EQ(Nopo({"exec", "web", "echo", "meanwhile"}).out, "meanwhile\n");

  build->Signal(SIGINT);
  EXPECT_EQ(build->Wait(kLimit).exit_code, 130);
}

TEST_F(ExecTest, DotIsTheTargetAroundTheWorkingDirectory) {
  EXPECT_EQ(NopoIn(project() / "apps/web", {"exec", ".", "echo", "here"}).out, "here\n");
}

TEST_F(ExecTest, SaysWhichContainersRunBesidesTheOneAskedFor) {
  const ProcessOutcome exec = Nopo({"exec", "--index", "3", "web", "true"});

  EXPECT_EQ(exec.exit_code, 3);
  EXPECT_THAT(exec.err, HasSubstr("no running container 3; the running ones are 1, 2"));
}

TEST_F(ExecTest, AmongEventsTheOutputIsOneToo) {
  const ProcessOutcome exec = Nopo({"exec", "--progress=json", "web", "echo", "hi"});

  EXPECT_THAT(exec.err, AllOf(HasSubstr("\"terminal_attached\""), HasSubstr("\"task_output\""),
                              HasSubstr("{\"outcome\":{\"exit_code\":0}}")));
}

}  // namespace
}  // namespace nopo
