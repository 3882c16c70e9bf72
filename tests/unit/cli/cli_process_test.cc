// The program nopo as its users call it, against a daemon that follows a script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace nopo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string error;
};

class CliProcessTest : public ::testing::Test {
 protected:
  CliProcessTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nopo-cli-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    ::setenv("NOPO_SOCKET", (dir_ / "nopod.sock").c_str(), 1);
    ::setenv("XDG_STATE_HOME", dir_.c_str(), 1);
    ::setenv("NOPO_DAEMON", FAKE_NOPOD_PROGRAM, 1);
    ::setenv("FAKE_NOPOD_SCRIPT", (dir_ / "script").c_str(), 1);
    for (const char* name : {"NO_COLOR", "FORCE_COLOR", "DEBUG"}) ::unsetenv(name);
  }

  ~CliProcessTest() override {
    Nopo("daemon stop");
    std::filesystem::remove_all(dir_);
  }

  void Script(const std::string& text) { std::ofstream(dir_ / "script") << text; }

  // Runs `nopo ARGUMENTS` through a shell.
  Outcome Nopo(const std::string& arguments, const std::string& name = "call") {
    const std::string out = (dir_ / (name + ".out")).string();
    const std::string error = (dir_ / (name + ".err")).string();
    const std::string command =
        std::string(NOPO_PROGRAM) + " " + arguments + " >" + out + " 2>" + error + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Contents(out), Contents(error)};
  }

  static std::string Contents(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  int DaemonsThatServed() {
    const std::string starts = Contents(dir_ / "nopod.sock.lock.starts");
    return static_cast<int>(std::count(starts.begin(), starts.end(), '\n'));
  }

  std::filesystem::path dir_;
};

TEST_F(CliProcessTest, StartsTheDaemonThatItNeeds) {
  const Outcome listed = Nopo("list --csv");
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_EQ(listed.out, "api,web\n");
  EXPECT_EQ(listed.error, "");
}

TEST_F(CliProcessTest, StartsOneDaemonForTwentyAtOnce) {
  std::vector<std::thread> callers;
  std::vector<Outcome> outcomes(20);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    callers.emplace_back([&, i] { outcomes[i] = Nopo("list --csv", std::to_string(i)); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_EQ(DaemonsThatServed(), 1);
}

TEST_F(CliProcessTest, ReplacesADaemonOfAnotherVersion) {
  Script("version 0.0.1\n");
  EXPECT_EQ(Nopo("daemon start").exit_code, 0);
  const Outcome listed = Nopo("list --csv");
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_EQ(DaemonsThatServed(), 2);
}

TEST_F(CliProcessTest, NeedsNoDaemonForHelpAndVersion) {
  EXPECT_EQ(Nopo("--version").out, "nopo " NOPO_VERSION "\n");
  EXPECT_EQ(Nopo("list --version --jq .").out, "nopo " NOPO_VERSION "\n");
  EXPECT_EQ(Nopo("version").exit_code, 0);
  EXPECT_THAT(Nopo("up --help").out, HasSubstr("Usage: nopo up"));
  EXPECT_THAT(Nopo("build help").out, HasSubstr("--no-cache"));
  EXPECT_THAT(Nopo("").out, HasSubstr("Commands:"));
  EXPECT_THAT(Nopo("completion bash").out, HasSubstr("complete"));
  EXPECT_EQ(DaemonsThatServed(), 0);
}

TEST_F(CliProcessTest, ShowsProgressOnStderrAndTheResultOnStdout) {
  Script(R"(0 {"plan_ready": {"tasks": [{"name": "web:start"}]}}
0 {"task_finished": {"task": "web:start", "outcome": "TASK_OUTCOME_SUCCEEDED", "reason": "created"}}
0 {"result_ready": {"summary": "web is up", "output": "a result", "json": "{\"a\": 1}"}}
)");
  const Outcome up = Nopo("up");
  EXPECT_EQ(up.exit_code, 0);
  EXPECT_EQ(up.out, "a result\n");
  EXPECT_EQ(up.error, "[web:start] created in 0ms\nweb is up\n");
  EXPECT_EQ(Nopo("up --json").out, "{\"a\": 1}\n");
}

TEST_F(CliProcessTest, KeepsStdoutForTheJsonAlone) {
  Script(R"(0 {"plan_ready": {"tasks": [{"name": "web:lint"}]}}
0 {"task_output": {"task": "web:lint", "data": "aGVsbG8K"}}
0 {"task_finished": {"task": "web:lint", "outcome": "TASK_OUTCOME_SUCCEEDED"}}
0 {"result_ready": {"summary": "done", "json": "{\"ok\": true}"}}
)");
  const Outcome lint = Nopo("lint --json");
  EXPECT_EQ(lint.out, "{\"ok\": true}\n");
  EXPECT_THAT(lint.error, HasSubstr("[web:lint] hello\n"));
  const Outcome events = Nopo("lint --json --progress=json");
  EXPECT_EQ(events.out, "{\"ok\": true}\n");
  EXPECT_THAT(events.error, StartsWith("{"));
  EXPECT_THAT(Nopo("lint").out, HasSubstr("[web:lint] hello\n"));
}

TEST_F(CliProcessTest, PrintsEachResultOfAJqFilterOnALine) {
  Script(R"(0 {"result_ready": {"json": "{\"ok\": true, \"tasks\": [{\"name\": \"b\", \"a\": 1}]}"}}
)");
  EXPECT_EQ(Nopo("up --jq '.ok, .tasks[]'").out, "true\n{\"name\":\"b\",\"a\":1}\n");
  EXPECT_EQ(Nopo("up --jq '.tasks[].name'").out, "\"b\"\n");
  EXPECT_EQ(Nopo("up --jq empty").out, "");
}

TEST_F(CliProcessTest, RefusesAJqFilterThatCannotBeReadBeforeAnythingIsDone) {
  Script("0 {\"result_ready\": {\"json\": \"{}\"}}\n");
  const Outcome up = Nopo("up --jq '.['");
  EXPECT_EQ(up.exit_code, 3);
  EXPECT_EQ(up.out, "");
  EXPECT_THAT(up.error, StartsWith("error: --jq: syntax error, unexpected $end"));
  EXPECT_EQ(DaemonsThatServed(), 0);
  EXPECT_EQ(Nopo("list --jq '.['").exit_code, 3);
}

TEST_F(CliProcessTest, TellsWhatAJqFilterFailedAt) {
  Script("0 {\"result_ready\": {\"json\": \"{\\\"a\\\": 1}\"}}\n");
  const Outcome up = Nopo("up --jq '.a, .a.b'");
  EXPECT_EQ(up.exit_code, 3);
  EXPECT_EQ(up.out, "1\n");
  EXPECT_THAT(up.error, HasSubstr("error: --jq: Cannot index number with string \"b\"\n"));
}

TEST_F(CliProcessTest, KeepsTheExitCodeOfAnOperationWhoseResultIsFiltered) {
  Script(
      "0 {\"result_ready\": {\"json\": \"{\\\"ok\\\": false}\"}}\nstatus 9 SERVICE_FAILED web\n");
  const Outcome up = Nopo("up --jq .ok");
  EXPECT_EQ(up.exit_code, 5);
  EXPECT_EQ(up.out, "false\n");
}

TEST_F(CliProcessTest, EndsAnEndlessJqFilterOnASignal) {
  ASSERT_EQ(Nopo("daemon start").exit_code, 0);
  const std::string out = (dir_ / "endless").string();
  // The filter holds the pipe's writing end: cat sees its end only once the filter is gone too.
  const std::string script = "( " + std::string(NOPO_PROGRAM) +
                             " list --jq 'repeat(1)' & nopo=$!; " + "until [ -s " + out +
                             " ]; do :; done; kill -TERM $nopo; wait $nopo; " + "echo $? >" + out +
                             ".code ) | { head -c 2 >" + out + "; cat >/dev/null; }";
  ASSERT_EQ(std::system(script.c_str()), 0);
  EXPECT_EQ(Contents(out + ".code"), "143\n");
}

TEST_F(CliProcessTest, CompletesInSilenceWhateverIsWrong) {
  Script("version 0.0.1\n");
  ::setenv("ROOT_DIR", dir_.c_str(), 1);
  const Outcome words = Nopo("__complete stat");
  EXPECT_EQ(words.out, "words\nstatus\tShow what runs\n");
  EXPECT_EQ(words.error, "");
  ::setenv("NOPO_DAEMON", "/nowhere/nopod", 1);
  EXPECT_EQ(Nopo("__complete up ''").out, "words\n");
  EXPECT_EQ(Nopo("__complete up ''").exit_code, 0);
  EXPECT_EQ(Nopo("__complete").exit_code, 0);
  ::unsetenv("ROOT_DIR");
}

TEST_F(CliProcessTest, TellsWhatKeepsTheDaemonFromStarting) {
  ::setenv("NOPO_DAEMON", "/nowhere/nopod", 1);
  const Outcome doctor = Nopo("doctor --json");
  EXPECT_EQ(doctor.exit_code, 1);
  EXPECT_THAT(doctor.out, HasSubstr(R"({"ok": false, "checks": [{"name": "program", "ok": false)"));
  EXPECT_THAT(Nopo("doctor").out, HasSubstr("✗ program"));
}

TEST_F(CliProcessTest, EndsWithTheExitCodeOfTheReason) {
  Script("status 9 PORT_TAKEN port 80 is taken\n");
  const Outcome up = Nopo("up");
  EXPECT_EQ(up.exit_code, 5);
  EXPECT_EQ(up.error, "error: port 80 is taken\n");
}

TEST_F(CliProcessTest, SuggestsTheBuiltInThatACommandMeansWhereThereIsNoProject) {
  Script("status 5 CONFIGURATION no project\n");
  const Outcome run = Nopo("biuld");
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.error, HasSubstr("hint: did you mean `nopo build`?"));
}

TEST_F(CliProcessTest, SuggestsNoBuiltInForAMistakeOfTheProjectsFiles) {
  Script("status 9 CONFIGURATION dependency cycle\n");
  EXPECT_EQ(Nopo("lint").error, "error: dependency cycle\n");
}

TEST_F(CliProcessTest, FailsWhenItsResultCannotBeWritten) {
  const std::string error = (dir_ / "error").string();
  const std::string script = std::string(NOPO_PROGRAM) + " list --csv >/dev/full 2>" + error;
  EXPECT_EQ(WEXITSTATUS(std::system(script.c_str())), 1);
  EXPECT_EQ(Contents(error), "error: cannot write to stdout: No space left on device\n");
}

TEST_F(CliProcessTest, WorksWithItsStreamsClosed) {
  ASSERT_EQ(Nopo("daemon start").exit_code, 0);
  for (const char* closed : {"2>&-", "1>&-", "0<&-", "0<&- 1>&- 2>&-"}) {
    const std::string script = std::string(NOPO_PROGRAM) + " up " + closed;
    EXPECT_EQ(WEXITSTATUS(std::system(script.c_str())), 0) << closed;
  }
}

TEST_F(CliProcessTest, CancelsTheOperationOnInterrupt) {
  Script(R"(0 {"plan_ready": {"tasks": [{"name": "web:build"}]}}
0 {"task_started": {"task": "web:build"}}
600000 {"task_finished": {"task": "web:build"}}
)");
  ASSERT_EQ(Nopo("daemon start").exit_code, 0);
  const std::string progress = (dir_ / "progress").string();
  const std::string script = std::string(NOPO_PROGRAM) + " up 2>" + progress +
                             " & nopo=$!; until grep -q started " + progress +
                             "; do :; done; kill -TERM $nopo; wait $nopo";
  const int status = std::system(script.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_EQ(Contents(progress), "[web:build] started\ncancelled: web:build\nerror: interrupted\n");
}

TEST_F(CliProcessTest, SaysSoWhenTheDaemonDiesInTheMiddle) {
  Script(R"(0 {"task_started": {"task": "web:build"}}
600000 {"task_finished": {"task": "web:build"}}
)");
  ASSERT_EQ(Nopo("daemon start").exit_code, 0);
  const std::string progress = (dir_ / "progress").string();
  const std::string pids = (dir_ / "nopod.sock.lock.starts").string();
  const std::string script = std::string(NOPO_PROGRAM) + " up 2>" + progress +
                             " & nopo=$!; until grep -q started " + progress +
                             "; do :; done; kill -KILL $(cat " + pids + "); wait $nopo";
  const int status = std::system(script.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 5);
  EXPECT_THAT(Contents(progress), HasSubstr("the daemon (nopod) went away"));
  EXPECT_EQ(Nopo("list --csv").exit_code, 0) << "the next call starts another daemon";
}

TEST_F(CliProcessTest, DoesNotWaitForADaemonThatItDoesNotUnderstand) {
  Script(R"(0 {"log_written": {"level": "LEVEL_WARNING", "message": "so far so good"}}
garbled
0 {"log_written": {"level": "LEVEL_WARNING", "message": "unread"}}
600000 {"result_ready": {}}
)");
  for (const char* arguments : {"up", "lint", "exec web -- true"}) {
    const Outcome outcome = Nopo(arguments);
    EXPECT_EQ(outcome.exit_code, 5) << arguments;
    EXPECT_THAT(outcome.error, HasSubstr("so far so good\n")) << arguments;
    EXPECT_THAT(outcome.error,
                EndsWith("error: the daemon (nopod) and nopo do not understand each other\n"
                         "hint: `nopo daemon restart` starts the daemon that belongs to this "
                         "nopo\n"))
        << arguments;
  }
}

TEST_F(CliProcessTest, WorksThroughAPrivateDaemonThatEndsWithTheCommand) {
  const Outcome listed = Nopo("--no-daemon list --csv");
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_EQ(listed.out, "api,web\n");
  EXPECT_EQ(DaemonsThatServed(), 0);
  EXPECT_THAT(Nopo("daemon status").out, HasSubstr("does not run"));
}

TEST_F(CliProcessTest, StopsTheDaemonAndReturnsWhenItIsGone) {
  ASSERT_EQ(Nopo("daemon start").exit_code, 0);
  EXPECT_THAT(Nopo("daemon status").out, HasSubstr("runs as process"));
  EXPECT_EQ(Nopo("daemon stop").out, "nopod has ended\n");
  EXPECT_EQ(Nopo("daemon stop").out, "nopod does not run\n");
  EXPECT_EQ(Nopo("daemon status --json").out, "{\"running\": false}\n");
}

TEST_F(CliProcessTest, TellsInJsonWhetherTheDaemonRunsAfterStartRestartAndStop) {
  for (const char* action : {"daemon start --json", "daemon restart --json"}) {
    EXPECT_THAT(Nopo(action).out, HasSubstr("{\"running\": true, \"version\": "));
  }
  EXPECT_EQ(Nopo("daemon logs --json").exit_code, 3);
  EXPECT_EQ(Nopo("daemon stop --json").out, "{\"running\": false}\n");
  EXPECT_EQ(Nopo("daemon stop --json").out, "{\"running\": false}\n");
}

TEST_F(CliProcessTest, TellsWhereItLookedForADaemonThatIsMissing) {
  ::setenv("NOPO_DAEMON", "/nowhere/nopod", 1);
  const Outcome listed = Nopo("list");
  EXPECT_EQ(listed.exit_code, 4);
  EXPECT_THAT(listed.error, HasSubstr("NOPO_DAEMON is '/nowhere/nopod'"));
}

}  // namespace
}  // namespace nopo
