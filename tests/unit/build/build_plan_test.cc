#include "daemon/build/build_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/error.h"
#include "tests/unit/build/project_fixture.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BuildPlanTest : public ProjectFixture {
 protected:
  absl::StatusOr<BuildPlan> PlanOf(const std::vector<std::string>& ids) {
    std::vector<const Target*> targets;
    for (const std::string& id : ids) targets.push_back(project_.FindTarget(id));
    return PlanBuild(project_, targets, names_, options_);
  }

  // A line for each task in order: "web:build after api:build: requested".
  std::string Picture(const std::vector<std::string>& ids) {
    absl::StatusOr<BuildPlan> build = PlanOf(ids);
    if (!build.ok()) return build.status().ToString();
    const absl::StatusOr<Plan> plan = Plan::Create(std::move(build->tasks));
    if (!plan.ok()) return plan.status().ToString();
    std::string picture;
    for (const Task& task : plan->tasks()) {
      EXPECT_TRUE(build->builds.contains(task.name)) << task.name;
      absl::StrAppend(&picture, task.name, task.depends_on.empty() ? "" : " after ",
                      absl::StrJoin(task.depends_on, ", "), ": ", task.reason, "\n");
    }
    return picture;
  }

  BuildPlanOptions options_;
};

TEST_F(BuildPlanTest, BuildsDependenciesFirst) {
  AddPackage("shared");
  AddWithDockerfile("api", "FROM node\n", {"shared"});
  AddWithDockerfile("web", "FROM node\n", {"api", "shared"});

  EXPECT_EQ(Picture({"web"}),
            "shared:build: api is built from it\n"
            "api:build after shared:build: web is built from it\n"
            "web:build after api:build, shared:build: requested\n");
}

TEST_F(BuildPlanTest, IsThePictureOfTheManual) {
  AddPackage("shared");
  AddWithDockerfile("api", "FROM node\n", {"shared"});
  AddWithDockerfile("backend", "FROM node\n", {"shared"});
  AddWithDockerfile("web", "FROM node\n", {"backend"});

  absl::StatusOr<BuildPlan> build = PlanOf({"api", "backend", "shared", "web"});

  EXPECT_EQ(StagesText(*Plan::Create(std::move(build->tasks))),
            "Stage 1: [shared:build]\n"
            "Stage 2: [api:build, backend:build]\n"
            "Stage 3: [web:build]\n");
}

TEST_F(BuildPlanTest, AGeneratedImageStandsOnTheBaseImage) {
  AddGenerated("web");
  EXPECT_EQ(Picture({"web"}),
            "root:build: web stands on it\n"
            "web:build after root:build: requested\n");
}

TEST_F(BuildPlanTest, ADockerfileStandsOnTheBaseImageWhenItSaysSo) {
  AddWithDockerfile("api", "FROM node\n");
  AddWithDockerfile("web", "FROM node AS dev\nFROM root\n");
  EXPECT_EQ(Picture({"api", "web"}),
            "api:build: requested\n"
            "root:build: web stands on it\n"
            "web:build after root:build: requested\n");

  options_.target_stage = "dev";
  EXPECT_EQ(Picture({"web"}), "web:build: requested\n");
}

TEST_F(BuildPlanTest, AServiceWithNothingToBuildRunsOnTheBaseImage) {
  AddPackage("shared");
  AddService("worker", {"shared"});
  AddWithDockerfile("web", "FROM node\n", {"worker"});

  EXPECT_EQ(Picture({"worker"}),
            "root:build: worker stands on it\n"
            "shared:build: worker is built from it\n");
  EXPECT_EQ(Picture({"web"}),
            "root:build: web stands on it\n"
            "shared:build: web is built from it\n"
            "web:build after root:build, shared:build: requested\n");
}

TEST_F(BuildPlanTest, RootMeansTheBaseImageUnderItsName) {
  project_.root_name = project_.root_target.id = "workspace";
  AddGenerated("web");
  EXPECT_EQ(Picture({"workspace"}), "workspace:build: requested\n");
  EXPECT_EQ(Picture({"web", "workspace"}),
            "workspace:build: requested\n"
            "web:build after workspace:build: requested\n");
}

TEST_F(BuildPlanTest, APrebuiltImageNeedsNothing) {
  AddPackage("shared");
  AddService("db", {"shared"}).image = "postgres:16";
  EXPECT_EQ(Picture({"db"}), "");
}

TEST_F(BuildPlanTest, WhatHasNoBuildPassesItsDependenciesOn) {
  AddPackage("shared");
  AddPackage("bundle", {"shared"}).build.reset();
  AddService("db", {"bundle"}).image = "postgres:16";
  AddWithDockerfile("web", "FROM node\n", {"db"});

  EXPECT_EQ(Picture({"web"}),
            "shared:build: web is built from it\n"
            "web:build after shared:build: requested\n");
  EXPECT_EQ(Picture({"bundle"}), "shared:build: bundle is built from it\n");
}

TEST_F(BuildPlanTest, ANamedPackageMustHaveSomethingToBuild) {
  AddPackage("bundle").build.reset();
  options_.explicit_targets = true;

  const auto plan = PlanOf({"bundle"});

  EXPECT_EQ(ReasonOf(plan.status()), Reason::kBadArguments);
  EXPECT_EQ(plan.status().message(), "bundle has nothing to build");
}

TEST_F(BuildPlanTest, BuildDependsOnAddsEdgesAndCommands) {
  AddPackage("shared");
  AddPackage("schema");
  AddPackage("tools");
  AddGenerated("web").build->depends_on = {{.target = "shared"},
                                           {.target = "schema", .commands = {"codegen", "build"}},
                                           {.target = "tools", .commands = {"check:py"}},
                                           {.target = "root"}};

  EXPECT_EQ(Picture({"web"}),
            "root:build: web stands on it\n"
            "schema:build: web is built from it\n"
            "shared:build: web is built from it\n"
            "web:build after root:build, schema:build, shared:build: requested\n");
  const std::vector<Dependency> prior = PlanOf({"web"})->prior_commands["web:build"];
  ASSERT_EQ(prior.size(), 2u);
  EXPECT_EQ(prior[0].target, "schema");
  EXPECT_THAT(prior[0].commands, ElementsAre("codegen")) << "its build is an edge";
  EXPECT_EQ(prior[1].target, "tools");
  EXPECT_THAT(prior[1].commands, ElementsAre("check:py"));
}

TEST_F(BuildPlanTest, TheBuildOfWhatHasNoneIsLeftAsACommandThatIsMissing) {
  AddPackage("shared").build.reset();
  AddGenerated("web").build->depends_on = {{.target = "shared", .commands = {"build"}}};

  EXPECT_THAT(PlanOf({"web"})->prior_commands["web:build"][0].commands, ElementsAre("build"));
}

TEST_F(BuildPlanTest, BuildsWhatIsNeededThoughNotRequested) {
  AddPackage("shared");
  AddWithDockerfile("web", "FROM node\n", {"shared"});
  AddPackage("empty").build.reset();
  options_.explicit_targets = true;
  options_.needed = {{"web", "web:test runs in it"}, {"empty", "web:lint needs it"}};

  EXPECT_EQ(Picture({}),
            "shared:build: web is built from it\n"
            "web:build after shared:build: web:test runs in it\n");
}

TEST_F(BuildPlanTest, ATargetNamedLikeTheBaseImageIsRefusedWhereBothAreMeant) {
  AddPackage("root");
  EXPECT_EQ(Picture({"root"}), "root:build: requested\n");

  AddGenerated("web");
  const absl::Status both = PlanOf({"root", "web"}).status();

  EXPECT_EQ(ReasonOf(both), Reason::kConfiguration);
  EXPECT_EQ(both.message(),
            "apps/root/nopo.yml: found the target 'root', named like the base image; expected "
            "another name for one of them");
}

TEST_F(BuildPlanTest, ACycleIsPrintedInOrder) {
  AddPackage("shared", {"web"}).build.reset();
  AddWithDockerfile("api", "FROM node\n", {"shared"});
  AddWithDockerfile("web", "FROM node\n", {"api"});

  const auto plan = PlanOf({"web"});

  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(plan.status()), Reason::kConfiguration);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("api -> shared -> web -> api"));
}

TEST_F(BuildPlanTest, ADockerfileThatIsNotThereIsAnError) {
  Target& web = AddWithDockerfile("web", "FROM node\n");
  std::filesystem::remove(web.dockerfile);

  const auto plan = PlanOf({"web"});

  EXPECT_TRUE(absl::IsNotFound(plan.status()));
  EXPECT_EQ(ReasonOf(plan.status()), Reason::kConfiguration);
  EXPECT_EQ(plan.status().message(), "apps/web/Dockerfile: the Dockerfile of web cannot be read");
}

TEST_F(BuildPlanTest, ABaseImageFromNothingIsAnError) {
  project_.os.image.clear();
  project_.os.image_key = {{"nopo.yml", 2, 1}, "os.base.image"};
  AddService("web");

  const absl::Status status = PlanOf({"web"}).status();

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_EQ(status.message(),
            "nopo.yml:2:1: os.base.image: found no base image; expected an image like "
            "'node:22-slim', or nopo/docker/Dockerfile to build it from");
}

TEST_F(BuildPlanTest, PackagesRunInTheirWorkingDirectory) {
  Target& shared = AddPackage("shared");
  shared.build->output = {"dist", "/abs/out"};
  shared.build->env = {{"A", "b"}};
  PackageBuild build = std::get<PackageBuild>(PlanOf({"shared"})->builds.at("shared:build"));
  EXPECT_EQ(build.command, "make shared");
  EXPECT_EQ(build.dir, tree_.path() / "apps/shared");
  EXPECT_EQ(build.env, shared.build->env);
  EXPECT_THAT(build.outputs, ElementsAre(tree_.path() / "apps/shared/dist", "/abs/out"));

  shared.build->working_dir = "tools";
  build = std::get<PackageBuild>(PlanOf({"shared"})->builds.at("shared:build"));
  EXPECT_EQ(build.dir, tree_.path() / "tools");
  EXPECT_EQ(build.package_dir, tree_.path() / "apps/shared");
  EXPECT_EQ(build.outputs[0], tree_.path() / "tools/dist");
}

TEST_F(BuildPlanTest, TheOrderOfAllBuildsIsCheckedWithoutDockerfiles) {
  AddWithDockerfile("api", "FROM node\n");
  AddWithDockerfile("web", "FROM node\n", {"api"});
  std::filesystem::remove(project_.FindTarget("api")->dockerfile);
  const std::vector<const Target*> all = {project_.FindTarget("api"), project_.FindTarget("web")};
  const absl::StatusOr<BuildPlan> outline = OutlineBuild(project_, all);
  ASSERT_TRUE(outline.ok()) << outline.status();
  EXPECT_THAT(outline->tasks[1].depends_on, ElementsAre("api:build"));

  AddGenerated("worker").build->depends_on = {{.target = "tool"}};
  AddPackage("tool", {"worker"});
  EXPECT_EQ(OutlineBuild(project_, {project_.FindTarget("tool")}).status().message(),
            "what is built depends on itself: tool -> worker -> tool");
}

TEST_F(BuildPlanTest, TakesALongChainAndAWideFan) {
  std::vector<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = absl::StrCat("t", 1000 + i);
    AddPackage(id, i == 0 ? std::vector<std::string>() : std::vector<std::string>{all.back()});
    all.push_back(id);
  }
  AddPackage("zoo", all);

  const auto plan = PlanOf({"zoo"});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Plan::Create(plan->tasks)->Stages().size(), 1001u);
}

}  // namespace
}  // namespace nopo
