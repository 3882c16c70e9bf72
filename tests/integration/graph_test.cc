// What runs after what, as users see it: `--dry-run`, and the order of a real run.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class GraphTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }

  // The example of the manual: web after backend, api and backend after shared.
  void WriteManual() {
    Write("apps/shared/nopo.yml", "build: {command: 'true'}\ncommands: {lint: 'true'}\n");
    WriteService("api", "dependencies: [shared]\ncommands: {lint: 'true'}\n");
    WriteService("backend", "dependencies: [shared]\n");
    WriteService("web", "dependencies: [backend]\ncommands: {lint: 'true'}\n");
  }
};

TEST_F(GraphTest, PrintsTheStagesOfTheManual) {
  WriteManual();

  EXPECT_EQ(Nopo({"build", "--dry-run"}).out,
            "Stage 1: [shared:build]\n"
            "Stage 2: [api:build, backend:build]\n"
            "Stage 3: [web:build]\n");
  EXPECT_EQ(Nopo({"lint", "--dry-run"}).out,
            "Stage 1: [shared:lint]\n"
            "Stage 2: [api:lint, web:lint]\n")
      << "backend lacks the command and is passed through";
  EXPECT_EQ(Nopo({"up", "--dry-run", "web"}).out,
            "Stage 1: [shared:build]\n"
            "Stage 2: [backend:build]\n"
            "Stage 3: [backend:start, web:build]\n"
            "Stage 4: [web:start]\n");
}

TEST_F(GraphTest, DryRunChangesNothing) {
  WriteManual();
  Write("apps/shared/nopo.yml", "build: {command: touch ../../built}\n");

  EXPECT_EQ(Nopo({"build", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(Nopo({"up", "--dry-run"}).exit_code, 0);

  EXPECT_FALSE(std::filesystem::exists(project() / "built"));
  EXPECT_FALSE(std::filesystem::exists(project() / ".env"));
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(GraphTest, DryRunNeedsNoEngine) {
  WriteManual();
  environment()["DOCKER_HOST"] = absl::StrCat("unix://", (project() / "nobody.sock").string());

  EXPECT_THAT(Nopo({"build", "--dry-run"}).out, EndsWith("Stage 3: [web:build]\n"));
  EXPECT_THAT(Nopo({"up", "--dry-run"}).out, EndsWith("Stage 4: [web:start]\n"));
  EXPECT_THAT(Nopo({"run", "lint", "--dry-run"}).out, HasSubstr("shared:lint"));
}

TEST_F(GraphTest, DryRunAsJsonSaysWhatEachTaskWouldRun) {
  Write("apps/shared/nopo.yml", "build: {command: make all, env: {MODE: fast}}\n");
  Write("apps/web/nopo.yml",
        "commands: {test: {command: pytest, env: {A: b}, dir: ./tests, "
        "dependencies: {shared: [build]}}}\n");

  EXPECT_EQ(absl::StrReplaceAll(Nopo({"test", "web", "--dry-run", "--json", "--", "-k", "a b"}).out,
                                {{project().string(), "ROOT"}}),
            "{\"stages\":[[\"shared:build\"],[\"web:test\"]],\"tasks\":{"
            "\"shared:build\":{\"target\":\"shared\",\"command\":\"build\",\"run\":\"make all\","
            "\"context\":\"host\",\"dir\":\"ROOT/apps/shared\",\"env\":{\"MODE\":\"fast\"},"
            "\"depends_on\":[],\"reason\":\"web:test needs it\"},"
            "\"web:test\":{\"target\":\"web\",\"command\":\"test\",\"run\":\"pytest -k 'a b'\","
            "\"context\":\"host\",\"dir\":\"ROOT/apps/web/tests\",\"env\":{\"A\":\"b\"},"
            "\"depends_on\":[\"shared:build\"],\"reason\":\"requested\"}}}\n");
}

TEST_F(GraphTest, ACycleIsPrintedInOrderByWhateverRunsIntoIt) {
  WriteService("web", "dependencies: [api]\ncommands: {lint: 'true', fmt: 'true'}\n");
  WriteService("api",
               "dependencies: [web]\n"
               "commands: {lint: 'true', fmt: {command: 'true', dependencies: {}}}\n");

  for (const char* command : {"lint", "build", "up"}) {
    const ProcessOutcome outcome = Nopo({command, "--dry-run"});
    EXPECT_EQ(outcome.exit_code, 4) << command;
    EXPECT_THAT(outcome.err, HasSubstr("api -> web -> api")) << command;
  }
  EXPECT_EQ(Nopo({"fmt", "--dry-run"}).out, "Stage 1: [api:fmt]\nStage 2: [web:fmt]\n")
      << "its own dependencies cut it";
  EXPECT_EQ(Nopo({"list", "--csv"}).out, "api,web\n") << "which does not run into it";
}

TEST_F(GraphTest, ListValidateReportsEveryCycleAndWhere) {
  Write("apps/web/nopo.yml", "dependencies: [api]\n");
  Write("apps/api/nopo.yml", "dependencies: [web]\n");
  Write("apps/a/nopo.yml", "commands: {gen: {command: 'true', dependencies: [b]}}\n");
  Write("apps/b/nopo.yml", "commands: {gen: {command: 'true', dependencies: [a]}}\n");

  const ProcessOutcome outcome = Nopo({"list", "--validate"});

  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("apps/api/nopo.yml:1:16: dependencies: found the cycle api -> "
                                     "web -> api; expected an order"));
  EXPECT_THAT(outcome.err, HasSubstr("dependency cycle of the command 'gen': a -> b -> a"));
}

TEST_F(GraphTest, AnUnknownDependencyIsAnErrorOfEveryCommandWithTheNearestName) {
  Write("apps/web/nopo.yml", "dependencies: [shraed]\ncommands: {lint: 'true'}\n");
  Write("apps/shared/nopo.yml", "commands: {lint: 'true'}\n");

  for (const char* command : {"list", "lint", "build"}) {
    const ProcessOutcome outcome = Nopo({command});
    EXPECT_EQ(outcome.exit_code, 4) << command;
    EXPECT_THAT(outcome.err,
                HasSubstr("apps/web/nopo.yml:1:16: dependencies: found 'shraed', which "
                          "is no target; did you mean 'shared'?"))
        << command;
  }
}

TEST_F(GraphTest, AnExplicitDependencyOnAMissingCommandIsAConfigurationError) {
  Write("apps/web/nopo.yml", "commands: {test: {command: 'true', dependencies: [shared]}}\n");
  Write("apps/shared/nopo.yml", "commands: {lint: 'true'}\n");

  EXPECT_EQ(Nopo({"test"}).exit_code, 4);
  EXPECT_EQ(Nopo({"list", "--validate"}).exit_code, 4);
  EXPECT_EQ(Nopo({"lint"}).exit_code, 0);
}

TEST_F(GraphTest, ATaskStartsWithoutWaitingForTheRestOfItsStage) {
  // `slow` ends only when `late`, of the second stage, has run: stage by stage it would never.
  const char* const wait = "until [ -e ../../late.done ]; do sleep 0.01; done";
  Write("apps/slow/nopo.yml", absl::StrCat("commands: {test: '", wait, "'}\n"));
  Write("apps/early/nopo.yml", "commands: {test: 'true'}\n");
  Write("apps/late/nopo.yml", "dependencies: [early]\ncommands: {test: touch ../../late.done}\n");

  EXPECT_EQ(Nopo({"test", "--dry-run"}).out,
            "Stage 1: [early:test, slow:test]\nStage 2: [late:test]\n");
  EXPECT_EQ(Nopo({"test", "-j", "2"}).exit_code, 0);
}

TEST_F(GraphTest, SubCommandsRunAfterTheWholeCommandOfTheirDependencies) {
  Write(
      "apps/web/nopo.yml",
      "dependencies: [shared]\n"
      "commands: {check: {commands: {py: 'true', types: {commands: {ts: 'true', py: 'true'}}}}}\n");
  Write("apps/shared/nopo.yml", "commands: {check: {commands: {a: 'true', b: 'true'}}}\n");

  EXPECT_EQ(Nopo({"check", "types", "web", "--dry-run"}).out,
            "Stage 1: [shared:check:a, shared:check:b]\n"
            "Stage 2: [web:check:types:py, web:check:types:ts]\n");
  EXPECT_EQ(Nopo({"check", "types", "ts", "web", "--dry-run"}).out,
            "Stage 1: [shared:check:a, shared:check:b]\nStage 2: [web:check:types:ts]\n");
}

TEST_F(GraphTest, ACommandBeforeABuildComesWithItsOwnDependencies) {
  Write("apps/web/nopo.yml",
        "build: {command: cat ../../log > built, depends_on: {shared: [gen]}}\n");
  Write(
      "apps/shared/nopo.yml",
      "commands:\n"
      "  gen: {commands: {a: echo a >> ../../log, b: 'true'}, dependencies: {schema: [fetch]}}\n");
  Write("apps/schema/nopo.yml", "commands: {fetch: echo pulled >> ../../log}\n");

  EXPECT_EQ(Nopo({"build", "web", "--dry-run"}).out,
            "Stage 1: [schema:fetch]\n"
            "Stage 2: [shared:gen:a, shared:gen:b]\n"
            "Stage 3: [web:build]\n");
  ASSERT_EQ(Nopo({"build", "web"}).exit_code, 0);
  EXPECT_EQ(Read("apps/web/built"), "pulled\na\n");
}

TEST_F(GraphTest, AMissingCommandOfABuildOrAStartIsAConfigurationError) {
  WriteService("web", "infrastructure: {depends_on: {db: [migrate]}}\n");
  WriteService("db", "");
  Write("apps/lib/nopo.yml", "build: {command: 'true', depends_on: {db: [gen]}}\n");

  const ProcessOutcome start = Nopo({"up", "--dry-run"});
  EXPECT_EQ(start.exit_code, 4);
  EXPECT_THAT(start.err, HasSubstr("web:start depends on 'migrate' of db, which has no such"));
  const ProcessOutcome build = Nopo({"build", "lib"});
  EXPECT_EQ(build.exit_code, 4);
  EXPECT_THAT(
      build.err,
      HasSubstr("apps/lib/nopo.yml:1:39: build.depends_on: lib:build depends on 'gen' of db"));
  const ProcessOutcome validated = Nopo({"list", "--validate"});
  EXPECT_EQ(validated.exit_code, 4);
  EXPECT_THAT(validated.err, HasSubstr("web:start depends on"));
  EXPECT_THAT(validated.err, HasSubstr("lib:build depends on"));
}

TEST_F(GraphTest, ACommandBetweenStartsComesWithItsOwnDependencies) {
  WriteService("web", "infrastructure: {depends_on: {db: [migrate]}}\n");
  WriteService("db",
               "dependencies: [cache]\n"
               "commands: {migrate: {commands: {a: 'true', b: 'true'}}}\n");
  WriteService("cache", "commands: {migrate: 'true'}\n");

  EXPECT_EQ(Nopo({"up", "web", "--dry-run"}).out,
            "Stage 1: [cache:build, web:build]\n"
            "Stage 2: [cache:start, db:build]\n"
            "Stage 3: [cache:migrate, db:start]\n"
            "Stage 4: [db:migrate:a, db:migrate:b]\n"
            "Stage 5: [web:start]\n");
}

}  // namespace
}  // namespace nopo
