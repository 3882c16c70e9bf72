#include "daemon/operations/plan_check.h"

#include <gtest/gtest.h>

#include <string>

#include "common/error.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

std::string MistakesOf(const Project& project) {
  const absl::Status status = CheckPlans(project);
  EXPECT_EQ(ExitCodeOf(status), status.ok() ? kExitOk : kExitConfiguration);
  return std::string(status.message());
}

TEST(PlanCheckTest, FindsNothingWrongWithAnOrder) {
  EXPECT_EQ(MistakesOf(ProjectWith(
                {AService("web", {Runs("lint", "x")}, {"api"}), AService("api", {}, {"shared"}),
                 APackage("shared", {DependingOn(Runs("test", "x"), {"root:gen"})})},
                {Runs("gen", "x")})),
            "");
}

TEST(PlanCheckTest, ReportsACycleOfTheServiceLevelOnceAndWhere) {
  EXPECT_EQ(MistakesOf(ProjectWith({AService("web", {Runs("lint", "x")}, {"api"}),
                                    AService("api", {Runs("lint", "x")}, {"web"})})),
            "nopo.yml:7:3: dependencies: found the cycle api -> web -> api; expected an order");
}

TEST(PlanCheckTest, ReportsACycleOfTheServiceLevelThatEveryCommandCuts) {
  const Command lint = DependingOn(Runs("lint", "x"), {});
  EXPECT_EQ(
      MistakesOf(ProjectWith({APackage("web", {lint}, {"api"}), APackage("api", {lint}, {"web"})})),
      "nopo.yml:7:3: dependencies: found the cycle api -> web -> api; expected an order");
}

TEST(PlanCheckTest, ReportsCyclesOfCommandsBuildsAndStarts) {
  Target web = AService("web", {DependingOn(Runs("lint", "x"), {"api"})});
  Target api = AService("api", {DependingOn(Runs("lint", "x"), {"web"})});
  web.build = BuildSettings{.command = "make", .depends_on = DependenciesOn({"api"})};
  api.build = BuildSettings{.command = "make", .depends_on = DependenciesOn({"web"})};
  web.infrastructure.depends_on = {{.target = "api"}};
  api.infrastructure.depends_on = {{.target = "web"}};

  EXPECT_EQ(MistakesOf(ProjectWith({web, api})),
            "dependency cycle of the command 'lint': api -> web -> api\n"
            "what is built depends on itself: api -> web -> api\n"
            "what is started depends on itself: api -> web -> api");
}

TEST(PlanCheckTest, ReportsMissingCommandsOfBuildsAndStarts) {
  Target web = AService("web", {});
  web.build = BuildSettings{.command = "make", .depends_on = DependenciesOn({"shared:gen"})};
  web.infrastructure.depends_on = {
      {.target = "db", .commands = {"migrate"}, .location = {"nopo.yml", 9, 3}}};

  EXPECT_EQ(MistakesOf(ProjectWith({web, AService("db", {Runs("seed", "x")}),
                                    APackage("shared", {Runs("fmt", "x")})})),
            "nopo.yml:7:3: build.depends_on: web:build depends on 'gen' of shared, which has no "
            "such command; its "
            "commands are: fmt\n"
            "nopo.yml:9:3: infrastructure.depends_on: web:start depends on 'migrate' of db, which "
            "has no such command; its "
            "commands are: seed");
}

TEST(PlanCheckTest, ReportsABuildAndACommandThatWaitForEachOther) {
  Target shared = APackage("shared", {DependingOn(Runs("gen", "x"), {"shared:build"})});
  shared.build = BuildSettings{.command = "make", .depends_on = DependenciesOn({"shared:gen"})};

  EXPECT_EQ(MistakesOf(ProjectWith({shared})),
            "these tasks wait for each other: shared:build -> shared:gen -> shared:build");
}

TEST(PlanCheckTest, ReportsAnExplicitDependencyOnAMissingCommand) {
  EXPECT_EQ(
      MistakesOf(ProjectWith({AService("web", {DependingOn(Runs("test", "x"), {"shared:gen"})}),
                              APackage("shared", {Runs("fmt", "x")})})),
      "nopo.yml:7:3: commands.test.dependencies: command 'test' of web depends on 'gen' of shared, "
      "which has no such command; "
      "its commands are: fmt");
}

}  // namespace
}  // namespace nopo
