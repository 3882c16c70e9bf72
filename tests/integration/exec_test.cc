// `nopo exec`: commands in running containers.
#include <gmock/gmock.h>
#include <signal.h>

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
  // A shell's command line with nopo in "$0", for what a shell makes of streams.
  ProcessOutcome Shell(const std::string& line) { return Run({"sh", "-c", line, NOPO_BINARY}); }
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

}  // namespace
}  // namespace nopo
