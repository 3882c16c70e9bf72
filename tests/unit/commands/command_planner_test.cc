#include "daemon/commands/command_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

CommandRequest Request(const Project& project, const std::string& command,
                       const std::vector<std::string>& targets = {}) {
  CommandRequest request{.command = command, .targets_named = !targets.empty()};
  for (const std::string& target : targets) request.targets.push_back(project.FindTarget(target));
  if (!targets.empty()) return request;
  for (const Target& target : project.targets) request.targets.push_back(&target);
  request.targets.push_back(&project.root_target);
  return request;
}

// "api:lint\nweb:lint after api:lint\n", in the plan's order.
std::string TextOf(const absl::StatusOr<CommandPlan>& plan) {
  if (!plan.ok()) return plan.status().ToString();
  std::string text;
  for (const Task& task : plan->plan.tasks()) {
    absl::StrAppend(&text, task.name, task.depends_on.empty() ? "" : " after ",
                    absl::StrJoin(task.depends_on, " "), "\n");
  }
  return text;
}

std::string Planned(const Project& project, const std::string& command,
                    const std::vector<std::string>& targets = {}) {
  return TextOf(PlanCommands(project, Request(project, command, targets)));
}

CommandTask OnlyTask(const Project& project, const CommandRequest& request) {
  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, request);
  EXPECT_TRUE(plan.ok()) << plan.status();
  if (!plan.ok() || plan->tasks.size() != 1) return {};
  return plan->tasks.begin()->second;
}

TEST(CommandPlannerTest, WithoutTargetsRunsWhereverTheCommandIs) {
  const Project project = ProjectWith(
      {AService("web", {Runs("lint", "eslint")}), APackage("docs", {})}, {Runs("lint", "make")});

  EXPECT_EQ(Planned(project, "lint"), "root:lint\nweb:lint\n");
}

TEST(CommandPlannerTest, ANamedTargetWithoutTheCommandIsAnErrorThatListsItsCommands) {
  const Project project = ProjectWith({AService("web", {Runs("lint", "x")}),
                                       APackage("api", {Runs("fmt", "x"), Runs("test", "x")})});

  const absl::Status status = PlanCommands(project, Request(project, "lint", {"api"})).status();

  EXPECT_EQ(ExitCodeOf(status), kExitUnknownCommand);
  EXPECT_EQ(status.message(), "api has no command 'lint'; its commands are: fmt, test");
}

TEST(CommandPlannerTest, NoTargetWithTheCommandIsAnEmptyPlan) {
  EXPECT_EQ(Planned(ProjectWith({APackage("docs", {})}), "lint"), "");
}

TEST(CommandPlannerTest, ServiceLevelDependenciesComeFirstWithTheSameCommand) {
  const Project project = ProjectWith({AService("web", {Runs("lint", "x")}, {"api"}),
                                       AService("api", {Runs("lint", "x")}, {"shared"}),
                                       APackage("shared", {Runs("lint", "x")})});

  EXPECT_EQ(Planned(project, "lint", {"web"}),
            "shared:lint\napi:lint after shared:lint\nweb:lint after api:lint\n");
}

TEST(CommandPlannerTest, AServiceLevelDependencyWithoutTheCommandIsPassedThrough) {
  const Project project =
      ProjectWith({AService("web", {Runs("lint", "x")}, {"api", "db"}),
                   AService("api", {}, {"core"}), APackage("core", {}, {"shared"}),
                   APackage("shared", {Runs("lint", "x")}), AService("db", {})});

  EXPECT_EQ(Planned(project, "lint", {"web"}), "shared:lint\nweb:lint after shared:lint\n");
}

TEST(CommandPlannerTest, ACommandsListOfDependenciesMeansTheSameCommandThere) {
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("test", "x"), {"shared"})}, {"api"}),
                   AService("api", {Runs("test", "x")}), APackage("shared", {Runs("test", "x")})});

  EXPECT_EQ(Planned(project, "test", {"web"}), "shared:test\nweb:test after shared:test\n");
}

TEST(CommandPlannerTest, ACommandsMapOfDependenciesNamesTheCommands) {
  const Project project = ProjectWith(
      {AService("web", {DependingOn(Runs("test", "x"), {"shared:gen", "shared:check:py"})}),
       APackage("shared",
                {Runs("gen", "x"), Groups("check", {Runs("py", "x"), Runs("ts", "x")})})});

  EXPECT_EQ(Planned(project, "test", {"web"}),
            "shared:check:py\nshared:gen\nweb:test after shared:check:py shared:gen\n");
}

TEST(CommandPlannerTest, EmptyDependenciesOfACommandMeanNone) {
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("lint", "x"), {})}, {"api"}),
                   AService("api", {Runs("lint", "x")})});

  EXPECT_EQ(Planned(project, "lint", {"web"}), "web:lint\n");
}

TEST(CommandPlannerTest, AnExplicitDependencyOnAMissingCommandIsAConfigurationError) {
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("test", "x"), {"shared:gen"})}),
                   APackage("shared", {Runs("fmt", "x")})});

  const absl::Status status = PlanCommands(project, Request(project, "test")).status();

  EXPECT_EQ(ExitCodeOf(status), kExitConfiguration);
  EXPECT_EQ(status.message(),
            "nopo.yml:7:3: commands.test.dependencies: command 'test' of web depends on 'gen' of "
            "shared, which has no such "
            "command; its commands are: fmt");
}

TEST(CommandPlannerTest, TheRootsOwnCommandIsNamedWithItsKey) {
  Project project =
      ProjectWith({APackage("shared", {})}, {DependingOn(Runs("test", "x"), {"shared:gen"})});

  const absl::Status status =
      PlanCommands(project, {.command = "test", .targets = {&project.root_target}}).status();

  EXPECT_EQ(status.message(),
            "nopo.yml:7:3: root.commands.test.dependencies: command 'test' of root depends on "
            "'gen' of shared, which has no such command; it has no commands");
}

TEST(CommandPlannerTest, ADependencyOnABuildIsLeftToTheBuildPlanner) {
  Target shared = APackage("shared", {});
  shared.build = BuildSettings{.command = "make"};
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("test", "x"), {"shared:build"})}), shared});

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, Request(project, "test"));

  EXPECT_EQ(TextOf(plan), "shared:build\nweb:test after shared:build\n");
  EXPECT_THAT(plan->builds, ElementsAre(Pair("shared:build", "shared")));
  EXPECT_FALSE(plan->tasks.contains("shared:build"));
}

TEST(CommandPlannerTest, ADependencyOnTheBuildOfWhatIsNotBuiltIsAnError) {
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("test", "x"), {"shared:build"})}),
                   APackage("shared", {})});

  EXPECT_EQ(ExitCodeOf(PlanCommands(project, Request(project, "test")).status()),
            kExitConfiguration);
}

TEST(CommandPlannerTest, ACommandWithSubCommandsBecomesAllItsLeavesInParallel) {
  const Project project = ProjectWith({AService(
      "web", {Groups("check", {Runs("py", "ruff"),
                               Groups("types", {Runs("ts", "tsc"), Runs("py", "mypy")})})})});

  EXPECT_EQ(Planned(project, "check"), "web:check:py\nweb:check:types:py\nweb:check:types:ts\n");
  EXPECT_EQ(Planned(project, "check:types"), "web:check:types:py\nweb:check:types:ts\n");
}

TEST(CommandPlannerTest, ASubCommandWaitsForTheWholeCommandOfItsDependencies) {
  const Command check = Groups("check", {Runs("py", "ruff"), Runs("ts", "tsc")});
  const Project project =
      ProjectWith({AService("web", {DependingOn(check, {"shared"})}), APackage("shared", {check})});

  EXPECT_EQ(Planned(project, "check:py", {"web"}),
            "shared:check:py\nshared:check:ts\n"
            "web:check:py after shared:check:py shared:check:ts\n");
}

TEST(CommandPlannerTest, ACommandMayDependOnAnotherOfItsOwnTarget) {
  const Project project = ProjectWith(
      {AService("web", {Runs("gen", "x"), DependingOn(Runs("test", "x"), {"web:gen"})})});

  EXPECT_EQ(Planned(project, "test"), "web:gen\nweb:test after web:gen\n");
}

TEST(CommandPlannerTest, ACommandMayDependOnOneOfTheRoot) {
  const Project project = ProjectWith(
      {AService("web", {DependingOn(Runs("test", "x"), {"root:gen"})})}, {Runs("gen", "x")});

  EXPECT_EQ(Planned(project, "test"), "root:gen\nweb:test after root:gen\n");
}

TEST(CommandPlannerTest, ACycleIsPrintedInOrder) {
  const Project project = ProjectWith({AService("web", {Runs("lint", "x")}, {"api"}),
                                       AService("api", {Runs("lint", "x")}, {"web"})});

  const absl::Status status = PlanCommands(project, Request(project, "lint", {"web"})).status();

  EXPECT_EQ(ExitCodeOf(status), kExitConfiguration);
  EXPECT_EQ(status.message(), "dependency cycle of the command 'lint': api -> web -> api");
}

TEST(CommandPlannerTest, ACycleThroughAPassedThroughTargetCounts) {
  const Project project =
      ProjectWith({AService("web", {Runs("lint", "x")}, {"api"}), AService("api", {}, {"web"})});

  EXPECT_THAT(Planned(project, "lint", {"web"}), HasSubstr("api -> web -> api"));
}

TEST(CommandPlannerTest, ACycleOfSubCommandsIsOneOfTargets) {
  const Command check = Groups("check", {Runs("py", "x"), Runs("ts", "x")});
  const Project project =
      ProjectWith({AService("web", {check}, {"api"}), AService("api", {check}, {"web"})});

  EXPECT_THAT(Planned(project, "check:ts", {"web"}), HasSubstr("'check': api -> web -> api"));
}

TEST(CommandPlannerTest, ACycleOfDifferentCommandsNamesTheTasks) {
  const Project project =
      ProjectWith({AService("web", {DependingOn(Runs("gen", "x"), {"web:test"}),
                                    DependingOn(Runs("test", "x"), {"web:gen"})})});

  EXPECT_THAT(Planned(project, "test"), HasSubstr("web:gen -> web:test -> web:gen"));
}

TEST(CommandPlannerTest, EmptyDependenciesCutACycle) {
  const Project project =
      ProjectWith({AService("web", {Runs("lint", "x")}, {"api"}),
                   AService("api", {DependingOn(Runs("lint", "x"), {})}, {"web"})});

  EXPECT_EQ(Planned(project, "lint"), "api:lint\nweb:lint after api:lint\n");
}

TEST(CommandPlannerTest, SaysWhyATaskIsThere) {
  const Project project = ProjectWith(
      {AService("web", {Runs("lint", "x")}, {"api"}), AService("api", {Runs("lint", "x")})});

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, Request(project, "lint", {"web"}));

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->plan.Find("web:lint")->reason, "requested");
  EXPECT_EQ(plan->plan.Find("api:lint")->reason, "web:lint needs it");
}

TEST(CommandPlannerTest, ArgumentsGoQuotedToTheRequestedTargetsOnly) {
  const Project project = ProjectWith({AService("web", {Runs("test", "pytest\n")}, {"api"}),
                                       AService("api", {Runs("test", "pytest")})});
  CommandRequest request = Request(project, "test", {"web"});
  request.arguments = {"-k", "it's here"};

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, request);

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks.at("web:test").run, "pytest -k 'it'\\''s here'");
  EXPECT_EQ(plan->tasks.at("api:test").run, "pytest");
  EXPECT_TRUE(plan->tasks.at("web:test").requested);
  EXPECT_FALSE(plan->tasks.at("api:test").requested);
}

TEST(CommandPlannerTest, KeepsTheCommandsOwnEnvironment) {
  Command test = Runs("test", "pytest");
  test.env = {{"A", "b"}};

  const Project project = ProjectWith({AService("web", {test})});

  EXPECT_THAT(OnlyTask(project, Request(project, "test")).env, ElementsAre(Pair("A", "b")));
}

TEST(CommandPlannerTest, RunsOnTheHostUnlessTheCommandSaysOtherwise) {
  Command in_container = Runs("test", "pytest");
  in_container.context = CommandContext::kContainer;
  const Project project = ProjectWith({AService("web", {Runs("lint", "x"), in_container})});

  EXPECT_EQ(OnlyTask(project, Request(project, "lint")).context, CommandContext::kHost);
  EXPECT_EQ(OnlyTask(project, Request(project, "test")).context, CommandContext::kContainer);
}

TEST(CommandPlannerTest, TheRequestsContextAppliesToDependenciesToo) {
  const Project project = ProjectWith(
      {AService("web", {Runs("test", "x")}, {"api"}), AService("api", {Runs("test", "x")})});
  CommandRequest request = Request(project, "test", {"web"});
  request.context = CommandContext::kContainer;

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, request);

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks.at("web:test").context, CommandContext::kContainer);
  EXPECT_EQ(plan->tasks.at("api:test").context, CommandContext::kContainer);
}

// Where the command `test` of `target`, with `dir`, runs.
CommandTask TaskIn(Target target, const std::string& dir, CommandContext context) {
  target.commands = {Runs("test", "x")};
  target.commands.front().dir = dir;
  const Project project = ProjectWith({std::move(target)});
  CommandRequest request = Request(project, "test");
  request.context = context;
  return OnlyTask(project, request);
}

std::string HostDirOf(const std::string& dir) {
  return TaskIn(AService("web", {}), dir, CommandContext::kHost).dir;
}

TEST(CommandPlannerTest, OnTheHostDirStartsFromTheTargetsDirectory) {
  EXPECT_EQ(HostDirOf(""), "/shop/apps/web");
  EXPECT_EQ(HostDirOf("./tests/"), "/shop/apps/web/tests");
  EXPECT_EQ(HostDirOf("../api"), "/shop/apps/api");
  EXPECT_EQ(HostDirOf("root"), "/shop");
  EXPECT_EQ(HostDirOf("/srv"), "/srv");
}

// "/app/x mounted" or "/x".
std::string ContainerDirOf(const Target& target, const std::string& dir) {
  const CommandTask task = TaskIn(target, dir, CommandContext::kContainer);
  return absl::StrCat(task.dir, task.mount_project ? " mounted" : "");
}

TEST(CommandPlannerTest, AServicesContainerHasItsImagesFilesUnlessDirNamesThoseOfTheProject) {
  Target web = AService("web", {});
  web.dockerfile = "/shop/apps/web/Dockerfile";

  EXPECT_EQ(ContainerDirOf(web, ""), "") << "only the image knows";
  EXPECT_EQ(ContainerDirOf(web, "/srv/"), "/srv");
  EXPECT_EQ(ContainerDirOf(web, "tests"), "/app/apps/web/tests mounted");
  EXPECT_EQ(ContainerDirOf(web, "root"), "/app mounted");
}

TEST(CommandPlannerTest, APackagesContainerHasTheProjectMounted) {
  const Target shared = APackage("shared", {});

  EXPECT_EQ(ContainerDirOf(shared, ""), "/app/apps/shared mounted");
  EXPECT_EQ(ContainerDirOf(shared, "tests"), "/app/apps/shared/tests mounted");
  EXPECT_EQ(ContainerDirOf(shared, "root"), "/app mounted");
  EXPECT_EQ(ContainerDirOf(shared, "/srv"), "/srv mounted");
}

TEST(CommandPlannerTest, TheRootsContainerStandsAtTheTopOfTheProject) {
  const Project project = ProjectWith({}, {Runs("test", "x")});
  CommandRequest request = Request(project, "test");
  request.context = CommandContext::kContainer;

  EXPECT_EQ(OnlyTask(project, request).dir, "/app");
}

TEST(CommandPlannerTest, TakesALongChainOfDependencies) {
  std::vector<Target> targets = {APackage("t0", {Runs("lint", "x")})};
  for (int i = 1; i < 2000; ++i) {
    const bool passes_through = i % 2 == 0;
    std::vector<Command> commands;
    if (!passes_through) commands.push_back(Runs("lint", "x"));
    targets.push_back(APackage(absl::StrCat("t", i), commands, {absl::StrCat("t", i - 1)}));
  }
  const Project project = ProjectWith(std::move(targets));

  const absl::StatusOr<CommandPlan> plan =
      PlanCommands(project, Request(project, "lint", {"t1999"}));

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks.size(), 1001u);
}

TEST(CommandPlannerTest, TakesAWideFan) {
  std::vector<Target> targets;
  std::vector<std::string> names;
  for (int i = 0; i < 1999; ++i) {
    names.push_back(absl::StrCat("t", i));
    targets.push_back(APackage(names.back(), {Runs("lint", "x")}));
  }
  targets.push_back(APackage("all", {Runs("lint", "x")}, names));
  const Project project = ProjectWith(std::move(targets));

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, Request(project, "lint", {"all"}));

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->plan.Stages().size(), 2u);
  EXPECT_EQ(plan->plan.Find("all:lint")->depends_on.size(), 1999u);
}

// Each target of a layer depends on every one of the layer below; only the lowest and the highest
// have the command.
TEST(CommandPlannerTest, TakesDenseLayersThatArePassedThrough) {
  constexpr int kLayers = 20, kWidth = 100;
  std::vector<Target> targets;
  std::vector<std::string> below;
  for (int layer = 0; layer < kLayers; ++layer) {
    const bool has_command = layer == 0 || layer + 1 == kLayers;
    std::vector<std::string> names;
    for (int i = 0; i < kWidth; ++i) {
      std::vector<Command> commands;
      if (has_command) commands.push_back(Runs("lint", "x"));
      names.push_back(absl::StrCat("l", layer, "-", i));
      targets.push_back(APackage(names.back(), std::move(commands), below));
    }
    below = std::move(names);
  }
  const Project project = ProjectWith(std::move(targets));

  const absl::StatusOr<CommandPlan> plan = PlanCommands(project, Request(project, "lint"));

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks.size(), 2u * kWidth);
  EXPECT_EQ(plan->plan.Find("l19-0:lint")->depends_on.size(), static_cast<size_t>(kWidth));
}

WantedCommand Wanted(std::string target, std::string command) {
  return {
      "web:build", std::move(target), std::move(command), {{"nopo.yml", 4, 2}, "build.depends_on"}};
}

TEST(CommandPlannerTest, AWantedCommandComesWithAllThatItDependsOn) {
  const Project project =
      ProjectWith({APackage("shared", {DependingOn(Runs("gen", "x"), {"schema", "tools:build"})}),
                   APackage("schema", {Groups("gen", {Runs("a", "x"), Runs("b", "x")})}, {"base"}),
                   APackage("base", {Runs("gen", "x")}), AService("tools", {})});

  const auto plan = PlanWantedCommands(project, {Wanted("shared", "gen")}, CommandContext::kUnset);

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(StagesText(plan->commands.plan),
            "Stage 1: [base:gen, tools:build]\n"
            "Stage 2: [schema:gen:a, schema:gen:b]\n"
            "Stage 3: [shared:gen]\n");
  EXPECT_EQ(plan->commands.plan.Find("shared:gen")->reason, "web:build needs it");
  EXPECT_FALSE(plan->commands.tasks.at("shared:gen").requested);
  EXPECT_EQ(plan->tasks_of.at("shared:gen"), std::vector<std::string>{"shared:gen"});
}

TEST(CommandPlannerTest, AWantedCommandMayHaveSubCommands) {
  const Project project =
      ProjectWith({APackage("schema", {Groups("gen", {Runs("a", "x"), Runs("b", "x")})})});

  const auto plan =
      PlanWantedCommands(project, {Wanted("schema", "gen")}, CommandContext::kContainer);

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks_of.at("schema:gen"),
            (std::vector<std::string>{"schema:gen:a", "schema:gen:b"}));
  EXPECT_EQ(plan->commands.tasks.at("schema:gen:b").context, CommandContext::kContainer);
}

TEST(CommandPlannerTest, AWantedCommandThatIsMissingIsAConfigurationErrorThatSaysWhere) {
  const Project project = ProjectWith({APackage("schema", {Runs("lint", "x")})});

  const absl::Status status =
      PlanWantedCommands(project, {Wanted("schema", "gen")}, CommandContext::kUnset).status();

  EXPECT_EQ(ExitCodeOf(status), kExitConfiguration);
  EXPECT_EQ(status.message(),
            "nopo.yml:4:2: build.depends_on: web:build depends on 'gen' of schema, which has no "
            "such command; its "
            "commands are: lint");
}

}  // namespace
}  // namespace nopo
