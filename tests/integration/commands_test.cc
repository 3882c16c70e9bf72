#include <gmock/gmock.h>
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class CommandsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(CommandsTest, RunsOnTheHostWithTheCallersEnvironmentAndPrefixesOutput) {
  Write("apps/web/nopo.yml", "commands: {lint: 'echo \"$GREETING from $PWD\"; echo oops >&2'}\n");
  environment()["GREETING"] = "hello";

  const ProcessOutcome lint = Nopo({"lint", "web"});

  EXPECT_EQ(lint.exit_code, 0) << lint.err;
  EXPECT_EQ(lint.out,
            absl::StrCat("[web:lint] hello from ", (project() / "apps/web").string(), "\n"));
  EXPECT_THAT(lint.err, HasSubstr("[web:lint] oops\n"));
}

TEST_F(CommandsTest, AFailingCommandGivesItsOwnExitCode) {
  Write("apps/web/nopo.yml", "commands: {lint: exit 42}\n");

  EXPECT_EQ(Nopo({"lint", "web"}).exit_code, 42);
}

TEST_F(CommandsTest, DependenciesRunFirst) {
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {test: cat ../lib/made}\n");
  Write("apps/lib/nopo.yml", "commands: {test: echo made > made}\n");

  const ProcessOutcome test = Nopo({"test", "web"});

  EXPECT_EQ(test.out, "[web:test] made\n") << test.err;
}

TEST_F(CommandsTest, ArgumentsAfterTheDashesReachTheCommandQuoted) {
  Write("apps/web/nopo.yml", "commands: {show: 'printf \"<%s>\"'}\n");

  EXPECT_EQ(Nopo({"show", "web", "--", "a b", "$HOME"}).out, "[web:show] <a b><$HOME>\n");
}

TEST_F(CommandsTest, AnUnknownCommandSuggestsTheNearest) {
  Write("apps/web/nopo.yml", "commands: {lint: 'true'}\n");

  const ProcessOutcome outcome = Nopo({"lnt"});

  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("lint"));
}

TEST_F(CommandsTest, RunUsesAFreshContainerOfTheTargetsImage) {
  WriteService("web", "commands: {test: 'cat /baked; touch /trace; echo $KIND'}\n",
               "RUN echo inside > /baked\n");

  const ProcessOutcome first = Nopo({"run", "test", "web"});
  const ProcessOutcome second = Nopo({"run", "test", "web"});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("[web:test] inside\n"));
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_TRUE(AllContainers().empty()) << "one-off containers are removed";
}

TEST_F(CommandsTest, RunGivesTheContainersExitCode) {
  WriteService("web", "commands: {test: exit 9}\n");

  EXPECT_EQ(Nopo({"run", "test", "web"}).exit_code, 9);
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(CommandsTest, CtrlCEndsHostProcessesAndOneOffContainers) {
  WriteService("web", "commands: {wait: 'echo waiting; sleep 600'}\n");
  const auto host = StartNopo({"wait", "web"});
  const auto container = StartNopo({"run", "wait", "web"});
  ASSERT_TRUE(host->WaitForOutput("waiting", absl::Seconds(60)));
  ASSERT_TRUE(container->WaitForOutput("waiting", absl::Seconds(60)));

  host->Signal(SIGINT);
  container->Signal(SIGINT);

  EXPECT_EQ(host->Wait(absl::Seconds(60)).exit_code, 130);
  EXPECT_EQ(container->Wait(absl::Seconds(60)).exit_code, 130);
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(CommandsTest, ListShowsTargetsAsTableJsonAndCsv) {
  WriteService("web", "commands: {lint: 'true'}\ninfrastructure: {has_database: true}\n");
  Write("apps/lib/nopo.yml", "build: {command: 'true'}\n");

  EXPECT_EQ(Nopo({"list", "--csv"}).out, "lib,web\n");
  EXPECT_EQ(Nopo({"list", "--csv", "--filter", "has_database"}).out, "web\n");
  EXPECT_EQ(Nopo({"list", "--csv", "--filter", "package"}).out, "lib\n");
  EXPECT_THAT(Nopo({"list"}).out, HasSubstr("Total: 2 service(s)"));
  EXPECT_THAT(Nopo({"list", "--json"}).out, HasSubstr(R"("lib")"));
}

TEST_F(CommandsTest, AnEditIsSeenByTheNextCall) {
  Write("apps/web/nopo.yml", "commands: {say: echo one}\n");
  EXPECT_EQ(Nopo({"say"}).out, "[web:say] one\n");

  Write("apps/web/nopo.yml", "commands: {say: echo two}\n");
  EXPECT_EQ(Nopo({"say"}).out, "[web:say] two\n");

  Write("apps/api/nopo.yml", "commands: {say: echo api}\n");
  EXPECT_EQ(Nopo({"list", "--csv"}).out, "api,web\n");

  std::filesystem::remove_all(project() / "apps/web");
  EXPECT_EQ(Nopo({"say"}).out, "[api:say] api\n");
}

}  // namespace
}  // namespace nopo
