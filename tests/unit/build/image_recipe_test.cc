#include "daemon/build/image_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/build/project_fixture.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class ImageRecipeTest : public ProjectFixture {
 protected:
  ImageRecipeTest() {
    names_.managed = {{"DOCKER_TAG", "shop:local"},      {"DOCKER_TARGET", "development"},
                      {"GIT_COMMIT", "c0ffee"},          {"GIT_BRANCH", "main"},
                      {"GIT_REPO", "https://host/shop"}, {"DOCKER_VERSION", "local"}};
  }

  ImageBuild Service(const Target& target, const BuildArguments& given = {},
                     const StageRequest& stage = {}) const {
    const auto build = ServiceImageBuild(project_, target, names_, given, stage);
    EXPECT_TRUE(build.ok()) << build.status();
    return build.value_or(ImageBuild());
  }
  ImageBuild BaseOf(const BuildArguments& given = {}) const {
    const auto build = BaseImageBuild(project_, names_, given, {});
    EXPECT_TRUE(build.ok()) << build.status();
    return build.value_or(ImageBuild());
  }
};

TEST_F(ImageRecipeTest, AnOwnDockerfileIsBuiltInItsDirectory) {
  const ImageBuild build = Service(AddWithDockerfile("web", "FROM base\nRUN make\n"));

  EXPECT_EQ(build.target, "web");
  EXPECT_EQ(build.tag, "shop-web:local");
  EXPECT_EQ(build.context_dir, tree_.path() / "apps/web");
  EXPECT_EQ(build.dockerfile_name, "apps/web/Dockerfile");
  EXPECT_EQ(build.dockerfile_text, "FROM shop:local\nRUN make\n");
  EXPECT_THAT(build.base_images, ElementsAre("shop:local"));
  EXPECT_THAT(build.labels, IsEmpty());
}

TEST_F(ImageRecipeTest, TheContextIsRelativeToTheTargetOrTheRoot) {
  Target& web = AddWithDockerfile("web", "FROM node\n");
  web.build.emplace().context = "root";
  EXPECT_EQ(Service(web).context_dir, tree_.path());
  web.build->context = "../shared/";
  EXPECT_EQ(Service(web).context_dir, tree_.path() / "apps/shared");
  web.build->context = ".";
  EXPECT_EQ(Service(web).context_dir, tree_.path() / "apps/web");
  web.build->context = "/abs";
  EXPECT_EQ(Service(web).context_dir, "/abs");
}

TEST_F(ImageRecipeTest, OnlyDeclaredArgumentsAreGiven) {
  Target& web = AddWithDockerfile(
      "web", "ARG GIT_COMMIT\nFROM node\nARG SERVICE_NAME NOPO_APP_UID\nARG FOO=1\nARG BAR\n");
  web.build.emplace().args = {{"FOO", "yml"}, {"BAR", "yml"}, {"UNDECLARED", "x"}};

  EXPECT_THAT(Service(web, {{"BAR", "cli"}, {"HTTP_PROXY", "p"}}).build_args,
              UnorderedElementsAre(Pair("GIT_COMMIT", "c0ffee"), Pair("SERVICE_NAME", "web"),
                                   Pair("NOPO_APP_UID", "1001"), Pair("FOO", "yml"),
                                   Pair("BAR", "cli"), Pair("HTTP_PROXY", "p")));
}

TEST_F(ImageRecipeTest, ArgumentsDecideWhatFromMeans) {
  Target& web = AddWithDockerfile("web", "ARG ON=node\nFROM $ON\n");
  EXPECT_THAT(Service(web).base_images, ElementsAre("node"));
  EXPECT_THAT(Service(web, {{"ON", "base"}}).base_images, ElementsAre("shop:local"));
}

TEST_F(ImageRecipeTest, TheStageIsTheRequestedTheConfiguredOrTheVersions) {
  Target& web = AddWithDockerfile(
      "web", "FROM a AS development\nFROM b AS production\nFROM c AS test\nFROM d\n");
  EXPECT_EQ(Service(web).stage, "development");
  EXPECT_THAT(Service(web).base_images, ElementsAre("a"));

  web.build.emplace().target = "production";
  EXPECT_EQ(Service(web).stage, "production");
  EXPECT_EQ(Service(web, {}, {.name = "test"}).stage, "test");
  EXPECT_EQ(Service(web, {}, {.name = "nightly"}).stage, "production");
  EXPECT_EQ(Service(web, {}, {.name = "nightly", .is_binding = true}).stage, "nightly");
}

TEST_F(ImageRecipeTest, WithoutAFittingStageItIsTheLast) {
  EXPECT_EQ(Service(AddWithDockerfile("web", "FROM a AS x\nFROM b\n")).stage, "");
}

TEST_F(ImageRecipeTest, TheIgnoreFileBesideTheDockerfileWins) {
  Target& web = AddWithDockerfile("web", "FROM node\n");
  EXPECT_THAT(Service(web).ignore, IsEmpty());

  tree_.Write("apps/web/.dockerignore", "# comment\nnode_modules/\n");
  EXPECT_THAT(Service(web).ignore, ElementsAre("node_modules"));
  EXPECT_FALSE(Service(web).ignore_from_dockerfile);

  tree_.Write("apps/web/Dockerfile.dockerignore", "*.log\n");
  EXPECT_THAT(Service(web).ignore, ElementsAre("*.log"));
  EXPECT_TRUE(Service(web).ignore_from_dockerfile);
}

TEST_F(ImageRecipeTest, AGeneratedImageHasTheProjectAsContext) {
  tree_.Write(".dockerignore", "node_modules\n");

  const ImageBuild build = Service(AddGenerated("web"));

  EXPECT_EQ(build.context_dir, tree_.path());
  EXPECT_EQ(build.dockerfile_name, "web.generated.Dockerfile");
  EXPECT_THAT(build.ignore, ElementsAre("node_modules", ".git", ".env"));
  EXPECT_TRUE(build.ignore_from_dockerfile);
  EXPECT_THAT(build.base_images, ElementsAre("shop:local"));
  EXPECT_THAT(build.labels,
              UnorderedElementsAre(Pair("org.opencontainers.image.title", "web"),
                                   Pair("org.opencontainers.image.version", "local"),
                                   Pair("org.opencontainers.image.source", "https://host/shop"),
                                   Pair("org.opencontainers.image.revision", "c0ffee")));
}

TEST_F(ImageRecipeTest, OutsideGitThereIsNoRevision) {
  names_.managed = {{"GIT_COMMIT", "unknown"}};
  EXPECT_FALSE(Service(AddGenerated("web")).labels.contains("org.opencontainers.image.revision"));
}

TEST_F(ImageRecipeTest, TheGeneratedBaseImageTakesNoFiles) {
  const ImageBuild build = BaseOf();

  EXPECT_EQ(build.target, "root");
  EXPECT_EQ(build.tag, "shop:local");
  EXPECT_EQ(build.dockerfile_name, "root.generated.Dockerfile");
  EXPECT_THAT(build.ignore, ElementsAre("**"));
  EXPECT_THAT(build.base_images, ElementsAre("debian:12"));
}

TEST_F(ImageRecipeTest, TheProjectsOwnBaseImageGetsItsArguments) {
  tree_.Write("nopo/docker/Dockerfile",
              "ARG BASE_FROM\nFROM $BASE_FROM\nARG OS_PACKAGES USER USER_ID USER_HOME\n"
              "ARG NOPO_APP_GID\n");
  project_.os.dockerfile = tree_.path() / "nopo/docker/Dockerfile";
  project_.os.packages = {{"curl", ""}, {"jq", "1.6"}};

  const ImageBuild build = BaseOf();

  EXPECT_EQ(build.context_dir, tree_.path());
  EXPECT_EQ(build.dockerfile_name, "nopo/docker/Dockerfile");
  EXPECT_THAT(build.base_images, ElementsAre("debian:12"));
  EXPECT_THAT(
      build.build_args,
      UnorderedElementsAre(Pair("BASE_FROM", "debian:12"), Pair("OS_PACKAGES", "curl jq=1.6"),
                           Pair("USER", "nopo"), Pair("USER_ID", "1001"),
                           Pair("USER_HOME", "/home/nopo"), Pair("NOPO_APP_GID", "1001")));
}

}  // namespace
}  // namespace nopo
