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

TEST_F(CommandsTest, DependenciesRunFirst) {
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {test: cat ../lib/made}\n");
  Write("apps/lib/nopo.yml", "commands: {test: echo made > made}\n");

  const ProcessOutcome test = Nopo({"test", "web"});

  EXPECT_EQ(test.out, "[web:test] made\n") << test.err;
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
