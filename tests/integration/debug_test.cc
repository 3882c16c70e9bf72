// DEBUG, --trace, LOG_LEVEL and colours: what the programs tell of themselves.
#include <gmock/gmock.h>
#include <signal.h>

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DebugTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  ProcessOutcome NopoWithDebug(const std::string& areas,
                               const std::vector<std::string>& arguments) {
    environment()["DEBUG"] = areas;
    const ProcessOutcome outcome = Nopo(arguments);
    environment().erase("DEBUG");
    return outcome;
  }
  // The lines of stderr that begin with "[debug:AREA]".
  static std::string LinesOf(const ProcessOutcome& outcome, const std::string& area) {
    std::string lines;
    for (const absl::string_view line : absl::StrSplit(outcome.err, '\n')) {
      if (absl::StartsWith(line, absl::StrCat("[debug:", area, "] "))) {
        absl::StrAppend(&lines, line, "\n");
      }
    }
    return lines;
  }
};

TEST_F(DebugTest, LinesGoToStderrAndLeaveStdoutAlone) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");
  const ProcessOutcome silent = Nopo({"list", "--json"});

  const ProcessOutcome talkative = NopoWithDebug("1", {"list", "--json"});

  EXPECT_EQ(talkative.out, silent.out);
  EXPECT_THAT(silent.err, IsEmpty());
  for (const char* area : {"timing", "cache", "config"}) {
    EXPECT_THAT(LinesOf(talkative, area), Not(IsEmpty())) << area << "\n" << talkative.err;
  }
}

TEST_F(DebugTest, OnlyTheAreasThatWereAskedForSpeak) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  const ProcessOutcome lint = NopoWithDebug("deps", {"lint"});

  EXPECT_THAT(LinesOf(lint, "deps"), HasSubstr("web:lint: waits for nothing"));
  EXPECT_EQ(lint.exit_code, 0);
  for (const char* area : {"timing", "cache", "config", "env", "build", "container"}) {
    EXPECT_THAT(LinesOf(lint, area), IsEmpty()) << area;
  }
}

TEST_F(DebugTest, BelongsToTheRequestAndNotToTheDaemon) {
  environment()["DEBUG"] = "1";
  Nopo({"daemon", "start"});
  environment().erase("DEBUG");

  const ProcessOutcome plain = Nopo({"list"});
  const ProcessOutcome asking = NopoWithDebug("config", {"list"});

  EXPECT_THAT(plain.err, IsEmpty());
  EXPECT_THAT(LinesOf(asking, "config"), HasSubstr(absl::StrCat("root ", project().string())));
}

TEST_F(DebugTest, AnUnknownAreaIsAWarningThatNamesTheAreas) {
  const ProcessOutcome list = NopoWithDebug("cahce,config", {"list"});

  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.err, HasSubstr("warning: DEBUG: there is no area 'cahce'; accepted are timing, "
                                  "cache, build, deps, env, config, container, sync, service:"));
  EXPECT_THAT(LinesOf(list, "config"), Not(IsEmpty()));
}

TEST_F(DebugTest, CacheSaysWhetherTheProjectWasInMemoryAndWhatChanged) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");
  const ProcessOutcome first = NopoWithDebug("cache", {"list"});
  EXPECT_TRUE(Eventually(
      [&] { return absl::StrContains(NopoWithDebug("cache", {"list"}).err, "project: hit, "); }));
  Write("apps/web/nopo.yml", "commands: {lint: 'true', test: 'true'}\n");

  const ProcessOutcome edited = NopoWithDebug("cache", {"list"});

  EXPECT_THAT(LinesOf(first, "cache"), HasSubstr("project: miss, not in memory"));
  EXPECT_THAT(LinesOf(edited, "cache"),
              HasSubstr(absl::StrCat("project: miss, ", (project() / "apps/web/nopo.yml").string(),
                                     " changed")));
}

TEST_F(DebugTest, ConfigSaysWhichFilesWereRead) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  const ProcessOutcome list = NopoWithDebug("config", {"list"});

  EXPECT_THAT(LinesOf(list, "config"),
              AllOf(HasSubstr((project() / "nopo.yml").string()),
                    HasSubstr((project() / "apps/web/nopo.yml").string())));
}

TEST_F(DebugTest, ACallThatFailsTellsWhatItDidBefore) {
  Write("apps/web/nopo.yml", "comands: {lint: [}\n");

  const ProcessOutcome list = NopoWithDebug("config,timing", {"list"});

  EXPECT_EQ(list.exit_code, 4);
  EXPECT_THAT(LinesOf(list, "config"), HasSubstr(absl::StrCat("root ", project().string())));
  EXPECT_THAT(LinesOf(list, "timing"), HasSubstr("nopod: open project"));
}

TEST_F(DebugTest, ACallThatFailsForAHundredReasonsTellsThemAll) {
  std::string text = "name: web\n";
  for (int i = 0; i < 120; ++i) absl::StrAppend(&text, "infrastructure: {port: many", i, "}\n");
  Write("apps/web/nopo.yml", text);

  const ProcessOutcome list = NopoWithDebug("1", {"list"});

  EXPECT_EQ(list.exit_code, 4);
  EXPECT_THAT(list.err, HasSubstr("apps/web/nopo.yml:90"));
  EXPECT_THAT(LinesOf(list, "config"), HasSubstr("root "));
}

TEST_F(DebugTest, EnvSaysWhereEachManagedVariableComesFrom) {
  WriteService("web", "infrastructure: {}\n");
  Write(".env", "DOCKER_REGISTRY=registry.example\n");
  environment()["DOCKER_VERSION"] = "v1";

  const ProcessOutcome list = NopoWithDebug("env", {"list"});

  EXPECT_THAT(
      LinesOf(list, "env"),
      AllOf(ContainsRegex("DOCKER_VERSION=v1, from the environment"),
            ContainsRegex("DOCKER_REGISTRY=registry.example, from .env:1"),
            HasSubstr("NODE_ENV=production, from DOCKER_VERSION"), HasSubstr("WEB_IMAGE=registry")))
      << list.err;
}

TEST_F(DebugTest, DepsSaysWhatEachTaskWaitsForAndWhyItIsThere) {
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {test: 'true'}\n");
  Write("apps/lib/nopo.yml", "commands: {test: 'true'}\n");

  const ProcessOutcome test = NopoWithDebug("deps", {"test", "web"});
  const ProcessOutcome dry = NopoWithDebug("deps", {"test", "web", "--dry-run"});

  EXPECT_THAT(LinesOf(test, "deps"), ContainsRegex("web:test: after lib:test; .+\n"));
  EXPECT_EQ(LinesOf(dry, "deps"), LinesOf(test, "deps"));
}

TEST_F(DebugTest, ContainerSaysWhatWasDecidedAndDone) {
  WriteService("web", "command: sleep 1000\n", "CMD [\"sleep\", \"1000\"]\n");
  Write("apps/web/nopo.yml", "infrastructure: {command: sleep 1000}\n");

  const ProcessOutcome up = NopoWithDebug("container", {"up"});
  const ProcessOutcome again = NopoWithDebug("container", {"up"});
  const ProcessOutcome down = NopoWithDebug("container", {"down"});

  const std::string name = absl::StrCat(slug(), "-web-1");
  EXPECT_THAT(LinesOf(up, "container"), HasSubstr("web: wants 1 of ")) << up.err;
  EXPECT_THAT(LinesOf(up, "container"),
              AllOf(HasSubstr(absl::StrCat("decided: create ", name, ": no container yet")),
                    HasSubstr(absl::StrCat("started ", name))));
  EXPECT_THAT(LinesOf(again, "container"), HasSubstr("has 1: as desired"));
  EXPECT_THAT(LinesOf(down, "container"), HasSubstr(absl::StrCat("stopped and removed ", name)));
}

TEST_F(DebugTest, ServiceSaysEverythingOfThatServiceAndNothingOfOthers) {
  for (const char* name : {"web", "api"}) {
    WriteService(name, "infrastructure: {command: sleep 1000}\n");
  }

  const ProcessOutcome up = NopoWithDebug("service:WEB", {"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  const std::string lines = LinesOf(up, "service:web");
  EXPECT_THAT(lines, AllOf(HasSubstr("web:start: after web:build"), HasSubstr("web:build: "),
                           HasSubstr("decided: create"), HasSubstr("web: wants 1 of ")));
  EXPECT_THAT(lines, Not(HasSubstr("api")));
  EXPECT_THAT(up.err, Not(HasSubstr("[debug:container]")));
}

TEST_F(DebugTest, BuildSaysWhereAndWhatWasSent) {
  Write("apps/web/page.txt", "hello");
  WriteService("web", "infrastructure: {command: sleep 1000}\n", "COPY page.txt /page.txt\n");
  Settle();

  const ProcessOutcome first = NopoWithDebug("build,cache", {"build", "web"});
  const ProcessOutcome second = NopoWithDebug("build,cache", {"build", "web"});

  EXPECT_THAT(
      LinesOf(first, "build"),
      AllOf(HasSubstr(absl::StrCat("BuildKit of the engine at ", environment()["DOCKER_HOST"])),
            ContainsRegex("session [a-z0-9]{25}"), HasSubstr(" bytes sent, ")))
      << first.err;
  EXPECT_THAT(LinesOf(first, "cache"), HasSubstr("web:build: no build on record"));
  EXPECT_THAT(LinesOf(second, "build"), Not(HasSubstr("session")));
  EXPECT_THAT(LinesOf(second, "cache"), HasSubstr("web:build: inputs equal"));
}

TEST_F(DebugTest, CacheSaysWhatTheEngineMirrorDid) {
  WriteService("web", "infrastructure: {command: sleep 1000}\n");

  const ProcessOutcome status = NopoWithDebug("cache", {"status"});

  EXPECT_THAT(LinesOf(status, "cache"),
              ContainsRegex("engine mirror: (listed everything|replayed)"));
}

TEST_F(DebugTest, TimingNamesPhasesOfBothSidesAndEndsWithATable) {
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {test: 'true'}\n");
  Write("apps/lib/nopo.yml", "commands: {test: 'true'}\n");

  const ProcessOutcome test = NopoWithDebug("timing", {"test", "web"});

  const std::string lines = LinesOf(test, "timing");
  EXPECT_THAT(lines, AllOf(HasSubstr("nopo: connect took "), HasSubstr("nopod: plan took "),
                           HasSubstr("web:test took ")));
  const std::string table = lines.substr(lines.find("PHASE"));
  EXPECT_THAT(table, AllOf(HasSubstr("nopo: call"), HasSubstr("nopod: open project"),
                           HasSubstr("nopod: tasks"), HasSubstr("succeeded   * lib:test"),
                           HasSubstr("succeeded   * web:test")));
}

TEST_F(DebugTest, SpeaksInEveryProgressMode) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  for (const char* mode : {"plain", "tty", "quiet"}) {
    const ProcessOutcome lint = NopoWithDebug("deps,timing", {"lint", "--progress", mode});
    EXPECT_THAT(lint.err, AllOf(HasSubstr("[debug:deps] web:lint: "), HasSubstr("* web:lint")))
        << mode;
    EXPECT_THAT(lint.out, Not(HasSubstr("debug"))) << mode;
  }
}

TEST_F(DebugTest, IsEventsWhereProgressIsJson) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  for (const char* verb : {"lint", "list"}) {
    const ProcessOutcome outcome = NopoWithDebug("1,bogus", {verb, "--progress", "json"});

    EXPECT_THAT(outcome.err, AllOf(HasSubstr(R"("level":"LEVEL_DEBUG","area":"config")"),
                                   HasSubstr(R"("level":"LEVEL_WARNING")")))
        << verb;
    for (const absl::string_view line : absl::StrSplit(outcome.err, '\n', absl::SkipEmpty())) {
      boost::json::error_code error;
      boost::json::parse({line.data(), line.size()}, error);
      EXPECT_FALSE(error) << line;
    }
  }
}

class TraceTest : public DebugTest {
 protected:
  std::filesystem::path file() const { return project() / "trace.json"; }
  // The complete events of the trace by name, with their process.
  std::map<std::string, boost::json::object> Spans() const {
    std::map<std::string, boost::json::object> spans;
    boost::json::error_code error;
    const boost::json::value trace = boost::json::parse(Read("trace.json"), error);
    EXPECT_FALSE(error) << error.message();
    if (error) return spans;
    for (const auto& event : trace.at("traceEvents").as_array()) {
      if (event.at("ph") == "X") {
        spans[std::string(event.at("name").as_string())] = event.as_object();
      }
    }
    return spans;
  }
};

TEST_F(TraceTest, HasPhasesTasksAndTheStepsOfBuilds) {
  WriteService("web", "infrastructure: {command: sleep 1000}\n", "RUN echo made > /made\n");

  const ProcessOutcome up = Nopo({"up", "--trace", "trace.json"});

  ASSERT_EQ(up.exit_code, 0) << up.err;
  auto spans = Spans();
  for (const char* name : {"connect", "call", "open project", "plan", "engine snapshot", "tasks",
                           "web:build", "web:start"}) {
    EXPECT_EQ(spans.count(name), 1) << name;
  }
  const std::string trace = Read("trace.json");
  EXPECT_THAT(trace, HasSubstr("RUN echo made > /made"));
  EXPECT_THAT(trace, HasSubstr(absl::StrCat("creating ", slug(), "-web-1: no container yet")));
  EXPECT_EQ(spans["web:start"].at("args").at("outcome"), "succeeded");
  EXPECT_EQ(spans["web:start"].at("args").at("depends on"), "web:build");
  EXPECT_THAT(up.err, Not(HasSubstr("[debug")));
}

TEST_F(TraceTest, IsWrittenForCallsWithoutAPlanToo) {
  EXPECT_EQ(Nopo({"list", "--trace", "trace.json"}).exit_code, 0);

  EXPECT_EQ(Spans().count("open project"), 1);
}

TEST_F(TraceTest, IsWrittenWhenATaskFails) {
  Write("apps/web/nopo.yml", "commands: {lint: exit 7}\n");

  EXPECT_EQ(Nopo({"lint", "--trace", "trace.json"}).exit_code, 7);

  EXPECT_EQ(Spans()["web:lint"].at("args").at("outcome"), "failed");
}

TEST_F(TraceTest, IsWrittenOnCtrlC) {
  Write("apps/web/nopo.yml", "commands: {dev: 'echo ready; exec sleep 1000'}\n");
  const auto dev = StartNopo({"dev", "--trace", "trace.json"});
  ASSERT_TRUE(dev->WaitForOutput("ready", absl::Seconds(30)));

  dev->Signal(SIGINT);

  EXPECT_EQ(dev->Wait(absl::Seconds(30)).exit_code, 130);
  EXPECT_EQ(Spans()["web:dev"].at("args").at("outcome"), "cancelled");
}

TEST_F(TraceTest, AFileThatCannotBeWrittenIsAnErrorBeforeAnythingRuns) {
  Write("apps/web/nopo.yml", "commands: {touch: touch ran}\n");

  const ProcessOutcome absent = Nopo({"touch", "--trace", "no/such/folder/trace.json"});
  const ProcessOutcome folder = Nopo({"touch", "--trace", "apps"});

  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.err, HasSubstr("--trace: cannot write no/such/folder/trace.json: No such"));
  EXPECT_EQ(folder.exit_code, 3);
  EXPECT_THAT(folder.err, HasSubstr("--trace: apps is not a regular file"));
  EXPECT_FALSE(std::filesystem::exists(project() / "apps/web/ran"));
}

class LogTest : public DebugTest {
 protected:
  std::string Log() {
    std::ostringstream text;
    text << std::ifstream(environment()["XDG_STATE_HOME"] + "/nopo/nopod.log").rdbuf();
    return text.str();
  }
};

TEST_F(LogTest, LevelDecidesWhatTheDaemonLogs) {
  environment()["LOG_LEVEL"] = "DEBUG";
  Nopo({"list"});
  Nopo({"daemon", "stop"});
  const std::string talkative = Log();
  environment()["LOG_LEVEL"] = "error";
  Nopo({"list"});
  Nopo({"daemon", "stop"});

  EXPECT_THAT(talkative, AllOf(HasSubstr("info"), HasSubstr("debug"), HasSubstr("ListTargets")));
  EXPECT_EQ(Log(), talkative);
}

TEST_F(LogTest, AnUnknownLevelIsInfoAndAWarning) {
  environment()["LOG_LEVEL"] = "loud";

  EXPECT_EQ(Nopo({"list"}).exit_code, 0);

  EXPECT_THAT(Log(), AllOf(HasSubstr("LOG_LEVEL is 'loud'"), HasSubstr("listens at"),
                           Not(HasSubstr("ListTargets"))));
}

TEST_F(DebugTest, ColoursAreForTerminalsUnlessForced) {
  Write("apps/web/nopo.yml", "commands: {lint: 'false'}\n");
  const ProcessOutcome plain = Nopo({"lint"});
  environment()["FORCE_COLOR"] = "1";
  const ProcessOutcome forced = Nopo({"lint"});
  const ProcessOutcome refused = Nopo({"lint", "--no-color"});
  environment()["NO_COLOR"] = "1";
  const ProcessOutcome both = Nopo({"lint"});

  EXPECT_THAT(plain.err, Not(HasSubstr("\033[")));
  EXPECT_THAT(forced.err, HasSubstr("\033["));
  EXPECT_THAT(refused.err, Not(HasSubstr("\033[")));
  EXPECT_THAT(both.err, Not(HasSubstr("\033[")));
}

}  // namespace
}  // namespace nopo
