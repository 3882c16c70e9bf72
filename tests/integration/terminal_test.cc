// A single task at a terminal: it must feel as if the shell had started it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/file.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr absl::Duration kLimit = absl::Minutes(1);
constexpr char kCtrlC[] = "\x03";
constexpr char kCtrlD[] = "\x04";

// What is left on the terminal. On a slow machine the plan is drawn before the task gets the
// terminal, and erased then.
std::string Shown(const std::string& printed) {
  const std::string erase_below = "\033[J";
  const size_t erased = printed.rfind(erase_below);
  return erased == std::string::npos ? printed : printed.substr(erased + erase_below.size());
}

class TerminalTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    environment()["TERM"] = "xterm-256color";
    WriteRoot();
  }

  // `nopo dev web` at a terminal, where web's command is `line`.
  std::unique_ptr<TestProcess> Dev(const std::string& line,
                                   const std::vector<std::string>& options = {}) {
    Write("apps/web/nopo.yml", "commands:\n  dev: |\n    " + line + "\n");
    std::vector<std::string> arguments = {"dev", "web"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return StartNopo(arguments, TestProcess::Streams::kTerminal);
  }
  // The same of one that goes on until it is signalled, once it runs.
  std::unique_ptr<TestProcess> DevUntilSignalled(const std::string& traps = "") {
    auto dev = Dev(traps + "echo ready; while :; do sleep 0.05; done");
    EXPECT_TRUE(dev->WaitForOutput("ready", kLimit));
    EXPECT_TRUE(dev->IsRaw());
    return dev;
  }
  bool Exists(const std::string& path) const { return std::filesystem::exists(project() / path); }
};

TEST_F(TerminalTest, ASingleTaskHasTheUsersTerminalAndNothingIsAdded) {
  const auto dev = Dev("test -t 0 && test -t 1 && test -t 2 && echo \"at a $TERM\"");

  const ProcessOutcome outcome = dev->Wait(kLimit);

  EXPECT_EQ(Shown(outcome.out), "at a xterm-256color\r\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(TerminalTest, AnswersAPrompt) {
  const auto dev = Dev("printf 'name? '; read name; echo \"hello $name\"");
  ASSERT_TRUE(dev->WaitForOutput("name? ", kLimit));

  dev->Type("Ada\r");

  EXPECT_EQ(Shown(dev->Wait(kLimit).out), "name? Ada\r\nhello Ada\r\n");
}

TEST_F(TerminalTest, EndsItsInputWithCtrlD) {
  const auto dev = Dev("echo ready; cat; echo end");
  ASSERT_TRUE(dev->WaitForOutput("ready", kLimit));

  dev->Type(kCtrlD);

  EXPECT_THAT(dev->Wait(kLimit).out, HasSubstr("end\r\n"));
}

TEST_F(TerminalTest, KeepsColoursAndControlSequences) {
  const auto dev = Dev("printf '\\033[32mgreen\\033[0m\\a\\r\\033[2K'");

  EXPECT_EQ(Shown(dev->Wait(kLimit).out), "\033[32mgreen\033[0m\a\r\033[2K");
}

TEST_F(TerminalTest, CtrlCIsAKeystrokeOfTheTask) {
  const auto dev = DevUntilSignalled("trap 'echo caught; exit 3' INT; ");

  dev->Type(kCtrlC);

  const ProcessOutcome outcome = dev->Wait(kLimit);
  EXPECT_EQ(Shown(outcome.out), "ready\r\n^Ccaught\r\n");
  EXPECT_EQ(outcome.exit_code, 3);
}

TEST_F(TerminalTest, ATaskThatCtrlCEndsGives130) {
  const auto dev = Dev("echo ready; exec sleep 600");
  ASSERT_TRUE(dev->WaitForOutput("ready", kLimit));

  dev->Type(kCtrlC);

  EXPECT_EQ(dev->Wait(kLimit).exit_code, 130);
}

TEST_F(TerminalTest, TheTasksExitCodeIsNoposOwn) {
  const ProcessOutcome outcome = Dev("exit 7")->Wait(kLimit);

  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(Shown(outcome.out), "");
}

TEST_F(TerminalTest, FollowsTheSizeOfTheWindow) {
  const auto dev = DevUntilSignalled("stty size; trap 'stty size' WINCH; trap 'exit 0' INT; ");

  dev->Resize(111, 40);

  EXPECT_TRUE(dev->WaitForOutput("40 111", kLimit));
  dev->Type(kCtrlC);
  EXPECT_THAT(Shown(dev->Wait(kLimit).out), StartsWith("24 80\r\n"));
}

TEST_F(TerminalTest, ItsDependenciesRunBeforeItWithPrefixesAndWithoutTheTerminal) {
  Write("apps/lib/nopo.yml", "commands: {dev: 'test -t 0 || echo lib has none'}\n");
  Write("apps/web/nopo.yml",
        "dependencies: [lib]\ncommands: {dev: 'test -t 0 && echo web has one'}\n");

  const ProcessOutcome outcome =
      StartNopo({"dev", "web", "--no-color"}, TestProcess::Streams::kTerminal)->Wait(kLimit);

  EXPECT_THAT(outcome.out, HasSubstr("[lib:dev] lib has none"));
  EXPECT_THAT(outcome.out, EndsWith("web has one\r\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("[web:dev]")));
}

TEST_F(TerminalTest, SeveralRequestedTasksShareNoTerminal) {
  Write("apps/web/nopo.yml", "commands: {dev: 'test -t 0 || echo none'}\n");
  Write("apps/api/nopo.yml", "commands: {dev: 'test -t 0 || echo none'}\n");

  const ProcessOutcome outcome =
      StartNopo({"dev", "--no-color"}, TestProcess::Streams::kTerminal)->Wait(kLimit);

  EXPECT_THAT(outcome.out, HasSubstr("[web:dev] none"));
  EXPECT_THAT(outcome.out, HasSubstr("[api:dev] none"));
}

TEST_F(TerminalTest, WithoutATerminalAtBothEndsThereIsNone) {
  Write("apps/web/nopo.yml", "commands: {dev: 'test -t 0 || test -t 1 || echo none'}\n");

  for (const char* redirection : {"</dev/null", "| cat"}) {
    const auto shell =
        StartOnTerminal({"sh", "-c", absl::StrCat(NOPO_BINARY, " dev ", redirection)});
    EXPECT_THAT(shell->Wait(kLimit).out, HasSubstr("none")) << redirection;
  }
}

TEST_F(TerminalTest, ADryRunAndJsonAreNoUseOfTheTerminal) {
  const std::string line = "! test -t 0 && ! test -t 1";

  EXPECT_EQ(Dev(line, {"--dry-run"})->Wait(kLimit).out, "Stage 1: [web:dev]\r\n");
  EXPECT_EQ(Dev(line, {"--progress=json"})->Wait(kLimit).exit_code, 0);
  EXPECT_EQ(Dev(line, {"--json"})->Wait(kLimit).exit_code, 0);
}

TEST_F(TerminalTest, TheTerminalIsTheUsersAgainWhenTheTaskHasEnded) {
  const auto dev = DevUntilSignalled();

  dev->Type(kCtrlC);

  EXPECT_EQ(dev->Wait(kLimit).exit_code, 130);
}

// Each way out of nopo leaves the terminal as it was; `Wait` is not called before that is seen.
TEST_F(TerminalTest, TheTerminalIsTheUsersAgainAfterSigterm) {
  const auto dev = DevUntilSignalled("trap 'echo asked to end; exit 0' TERM; ");

  dev->Signal(SIGTERM);

  EXPECT_TRUE(Eventually([&] { return !dev->IsRaw(); }));
  const ProcessOutcome outcome = dev->Wait(kLimit);
  EXPECT_THAT(outcome.out, HasSubstr("asked to end"));
  EXPECT_EQ(outcome.exit_code, 130);
}

TEST_F(TerminalTest, TheTerminalIsTheUsersAgainAfterASecondSigterm) {
  const auto dev = DevUntilSignalled("trap 'echo still here' TERM; ");
  dev->Signal(SIGTERM);
  ASSERT_TRUE(dev->WaitForOutput("still here", kLimit));

  dev->Signal(SIGTERM);

  EXPECT_TRUE(Eventually([&] { return !dev->IsRaw(); }));
  EXPECT_EQ(dev->Wait(kLimit).exit_code, 130);
}

TEST_F(TerminalTest, TheTerminalIsTheUsersAgainAfterSighupAndACrash) {
  for (const int signal : {SIGHUP, SIGQUIT, SIGABRT}) {
    const auto dev = DevUntilSignalled();

    dev->Signal(signal);

    EXPECT_TRUE(Eventually([&] { return !dev->IsRaw(); })) << signal;
    EXPECT_EQ(dev->Wait(kLimit).exit_code, 128 + signal);
  }
}

TEST_F(TerminalTest, TheTerminalIsTheUsersAgainWhenTheDaemonDies) {
  const int daemon = DaemonPid();
  const auto dev = DevUntilSignalled();

  ::kill(daemon, SIGKILL);

  EXPECT_TRUE(Eventually([&] { return !dev->IsRaw(); }));
  const ProcessOutcome outcome = dev->Wait(kLimit);
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.out, HasSubstr("went away"));
}

TEST_F(TerminalTest, TheTerminalIsTheUsersWhileNopoIsStopped) {
  Write("apps/web/nopo.yml", "commands: {dev: 'echo begun; read line; echo got $line'}\n");
  environment()["PS1"] = "shell> ";
  const auto shell = StartOnTerminal({"bash", "--norc", "--noprofile", "-i"});
  shell->Type(absl::StrCat(NOPO_BINARY, " dev web\r"));
  ASSERT_TRUE(shell->WaitForOutput("begun\r", kLimit));
  int nopo = 0;
  std::ifstream(absl::StrCat("/proc/", shell->pid(), "/task/", shell->pid(), "/children")) >> nopo;
  ASSERT_GT(nopo, 1);

  ::kill(nopo, SIGTSTP);
  EXPECT_TRUE(shell->WaitForOutput("Stopped", kLimit));
  shell->Type("echo shell $((6 * 7)); fg\r");
  EXPECT_TRUE(shell->WaitForOutput("shell 42", kLimit));
  EXPECT_TRUE(Eventually([&] { return shell->IsRaw(); }));
  shell->Type("more\r");
  EXPECT_TRUE(shell->WaitForOutput("got more", kLimit));

  shell->Type("exit\r");
  shell->Wait(kLimit);
}

TEST_F(TerminalTest, ANopoThatIsKilledHangsTheTaskUp) {
  const auto dev = DevUntilSignalled("trap 'echo > hung-up; exit' HUP; ");

  dev->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return Exists("apps/web/hung-up"); }));
  EXPECT_EQ(dev->Wait(kLimit).exit_code, 137);
}

TEST_F(TerminalTest, NothingOfTheSessionOutlivesTheTask) {
  // Job control gives the background job a process group of its own; it holds the lock on.
  const auto dev = Dev("exec 9>lock; flock 9; set -m; sleep 600 & set +m; exit 4");

  EXPECT_EQ(dev->Wait(kLimit).exit_code, 4);

  const UniqueFd lock(::open((project() / "apps/web/lock").c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(Eventually([&] { return ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0; }));
}

TEST_F(TerminalTest, ATaskThatPrintsForEverIsStoppedByCtrlC) {
  const auto dev = Dev("yes");
  ASSERT_TRUE(dev->WaitForOutput("y\r\ny", kLimit));

  dev->Type(kCtrlC);

  EXPECT_EQ(dev->Wait(kLimit).exit_code, 130);
}

TEST_F(TerminalTest, AShellInAContainerFeelsLocal) {
  WriteService("backend", "commands: {shell: sh}\n");
  const auto shell = StartNopo({"run", "shell", "backend"}, TestProcess::Streams::kTerminal);
  ASSERT_TRUE(shell->WaitForOutput("# ", kLimit));
  EXPECT_TRUE(shell->IsRaw());
  shell->Resize(111, 40);
  EXPECT_TRUE(Eventually([&] {
    shell->Type("stty size\r");
    return shell->WaitForOutput("40 111", absl::Milliseconds(200));
  }));

  shell->Type("tty; echo \"at a $TERM\"; sleep 600\r");
  ASSERT_TRUE(shell->WaitForOutput("at a xterm-256color\r\n", kLimit));
  shell->Type(kCtrlC);
  shell->Type("exit 9\r");

  const ProcessOutcome outcome = shell->Wait(kLimit);
  EXPECT_EQ(outcome.exit_code, 9);
  EXPECT_THAT(outcome.out, HasSubstr("/dev/pts/0"));
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(TerminalTest, CtrlCEndsTheCommandOfAContainer) {
  WriteService("backend", "commands: {wait: 'echo ready; sleep 600'}\n");
  const auto wait = StartNopo({"run", "wait", "backend"}, TestProcess::Streams::kTerminal);
  ASSERT_TRUE(wait->WaitForOutput("ready", kLimit));

  wait->Type(kCtrlC);

  EXPECT_EQ(wait->Wait(kLimit).exit_code, 130);
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(TerminalTest, AContainerIsRemovedWhenItsNopoIsKilled) {
  WriteService("backend", "commands: {wait: 'echo ready; sleep 600'}\n");
  const auto wait = StartNopo({"run", "wait", "backend"}, TestProcess::Streams::kTerminal);
  ASSERT_TRUE(wait->WaitForOutput("ready", kLimit));

  wait->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return AllContainers().empty(); }));
  wait->Wait(kLimit);
}

}  // namespace
}  // namespace nopo
