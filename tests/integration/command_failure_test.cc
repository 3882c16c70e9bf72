// Commands that fail: what still runs, what is said, and the exit code.
#include <gmock/gmock.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CommandFailureTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(CommandFailureTest, OneFailedTaskGivesItsOwnExitCode) {
  Write("apps/web/nopo.yml", "commands: {lint: exit 42}\n");
  Write("apps/api/nopo.yml", "commands: {lint: 'true'}\n");

  EXPECT_EQ(Nopo({"lint"}).exit_code, 42);
}

TEST_F(CommandFailureTest, SeveralFailedTasksGive1) {
  Write("apps/web/nopo.yml", "commands: {lint: exit 42}\n");
  Write("apps/api/nopo.yml", "commands: {lint: exit 42}\n");

  EXPECT_EQ(Nopo({"lint"}).exit_code, 1);
}

TEST_F(CommandFailureTest, ASignalledTaskGives128PlusTheSignal) {
  Write("apps/web/nopo.yml", "commands: {lint: 'kill -9 $$'}\n");

  EXPECT_EQ(Nopo({"lint"}).exit_code, 137);
}

TEST_F(CommandFailureTest, DependentsDoNotRunAndIndependentTasksStillStart) {
  Write("apps/lib/nopo.yml", "commands: {lint: exit 3}\n");
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {lint: echo web}\n");
  Write("apps/zoo/nopo.yml", "commands: {lint: echo zoo}\n");

  const ProcessOutcome outcome = Nopo({"lint", "-j1"});

  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "[zoo:lint] zoo\n");
  EXPECT_THAT(outcome.err, HasSubstr("[web:lint] skipped: lib:lint failed\n"));
}

TEST_F(CommandFailureTest, WhatFailedIsSummedUpWithItsLastLines) {
  Write("apps/web/nopo.yml", "commands: {lint: 'seq 1 30; echo no good >&2; exit 3'}\n");
  Write("apps/api/nopo.yml", "commands: {lint: 'echo bad; exit 4'}\n");

  const ProcessOutcome outcome = Nopo({"lint"});

  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("2 failed in "), HasSubstr("error: web:lint: exited with code 3\n"),
                    HasSubstr("    | 30\n"), HasSubstr("    | no good\n"),
                    HasSubstr("error: api:lint: exited with code 4\n    | bad\n")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("    | 1\n"))) << "only the end";
}

TEST_F(CommandFailureTest, FailFastKillsWhatRunsAndStartsNothing) {
  Write("apps/web/nopo.yml",
        "commands: {lint: 'trap \"echo stopped; exit\" TERM; echo > up; while :; do sleep 0.02; "
        "done'}\n");
  Write("apps/api/nopo.yml",
        "commands: {lint: 'while [ ! -e ../web/up ]; do sleep 0.02; done; exit 3'}\n");
  Write("apps/zoo/nopo.yml", "commands: {lint: echo zoo}\n");

  const ProcessOutcome outcome = Nopo({"lint", "--fail-fast", "-j2"});

  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "[web:lint] stopped\n");
  EXPECT_THAT(outcome.err, HasSubstr("[zoo:lint] cancelled: not started: api:lint failed\n"));
}

TEST_F(CommandFailureTest, NoMoreTasksThanJobsRunAtOnce) {
  // None finds another's folder: `mkdir` fails where it exists.
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    Write(absl::StrCat("apps/", name, "/nopo.yml"),
          "commands: {lint: 'mkdir ../busy && sleep 0.01 && rmdir ../busy'}\n");
  }

  EXPECT_EQ(Nopo({"lint", "--jobs", "1"}).exit_code, 0);
}

TEST_F(CommandFailureTest, AsManyTasksAsJobsRunAtOnce) {
  // Each waits for the other.
  Write("apps/web/nopo.yml",
        "commands: {lint: 'echo > up; while [ ! -e ../api/up ]; do sleep 0.02; done'}\n");
  Write("apps/api/nopo.yml",
        "commands: {lint: 'echo > up; while [ ! -e ../web/up ]; do sleep 0.02; done'}\n");

  EXPECT_EQ(Nopo({"lint", "-j", "2"}).exit_code, 0);
}

TEST_F(CommandFailureTest, ATaskEndsWithItsProcessAndTakesItsGroupAlong) {
  // The survivor would hold the output open for ever.
  Write("apps/web/nopo.yml", "commands: {lint: 'sleep 600 & echo done'}\n");

  EXPECT_EQ(Nopo({"lint"}).out, "[web:lint] done\n");
}

TEST_F(CommandFailureTest, AnUnknownCommandIs2) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  const ProcessOutcome outcome = Nopo({"lnt"});

  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean 'lint'?"));
}

TEST_F(CommandFailureTest, ANamedTargetWithoutTheCommandIs2AndListsItsOwn) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");
  Write("apps/api/nopo.yml", "commands: {test: 'true', check: 'true'}\n");

  const ProcessOutcome outcome = Nopo({"lint", "api"});

  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("its commands are: test, check"));
}

TEST_F(CommandFailureTest, BadArgumentsAndUnknownTargetsAre3) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  EXPECT_EQ(Nopo({"lint", "nobody"}).exit_code, 3);
  EXPECT_EQ(Nopo({"lint", "--no-such-option"}).exit_code, 3);
  EXPECT_EQ(Nopo({"lint", "--jobs", "many"}).exit_code, 3);
  EXPECT_EQ(Nopo({"lint", "--filter", "nonsense"}).exit_code, 3);
  EXPECT_EQ(Nopo({"run", "lint", "--context", "host"}).exit_code, 3);
  EXPECT_EQ(Nopo({"run"}).exit_code, 3);
}

TEST_F(CommandFailureTest, MistakesOfTheConfigurationAre4) {
  Write("apps/web/nopo.yml", "commands: {lint: {command: 'true', dependencies: {api: [lint]}}}\n");
  Write("apps/api/nopo.yml", "{}\n");
  EXPECT_EQ(Nopo({"lint"}).exit_code, 4) << "a command that api lacks";

  Write("apps/web/nopo.yml", "dependencies: [api]\ncommands: {lint: 'true'}\n");
  Write("apps/api/nopo.yml", "dependencies: [web]\ncommands: {lint: 'true'}\n");
  const ProcessOutcome cycle = Nopo({"lint"});
  EXPECT_EQ(cycle.exit_code, 4);
  EXPECT_THAT(cycle.err, HasSubstr("api -> web -> api"));

  Write("apps/web/nopo.yml", "commands: [\n");
  EXPECT_EQ(Nopo({"lint"}).exit_code, 4);
  EXPECT_EQ(NopoIn("/", {"lint"}).exit_code, 4) << "no project";
}

TEST_F(CommandFailureTest, AnEngineThatIsAwayIs5AndHostCommandsNeedNone) {
  Write("apps/web/nopo.yml", "commands: {lint: echo fine}\n");
  environment()["DOCKER_HOST"] = "unix:///nowhere/docker.sock";

  EXPECT_EQ(Nopo({"run", "lint", "web"}).exit_code, 5);
  EXPECT_EQ(Nopo({"lint", "web"}).out, "[web:lint] fine\n");
}

TEST_F(CommandFailureTest, AnUnreadableFileIs7) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");
  std::filesystem::permissions(project() / "apps/web/nopo.yml", std::filesystem::perms::none);

  EXPECT_EQ(Nopo({"lint"}).exit_code, 7);
}

}  // namespace
}  // namespace nopo
