#include "daemon/project/variable_sources.h"

#include "absl/strings/str_cat.h"
#include "daemon/project/git_facts_cache.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

class VariableSourcesTest : public ::testing::Test {
 protected:
  VariableSourcesTest() {
    files_.Write("nopo.yml", "name: Shop\n");
    files_.Write("apps/web/nopo.yml", "").Write("apps/web/Dockerfile", "");
    project_ = files_.Load();
  }

  // The value, then a line for each place; the one that wins is marked.
  std::string Origin(const std::string& key, const EnvironmentMap& process,
                     const std::string& dotenv) {
    const absl::StatusOr<VariableOrigin> origin =
        FindVariableOrigin(key, *project_, process, *ParseDotenv(dotenv, ".env"), git_);
    if (!origin.ok()) return std::string(absl::StatusCodeToString(origin.status().code()));
    std::string text = absl::StrCat(origin->value, "\n");
    for (const VariableSource& source : origin->sources) {
      absl::StrAppend(&text, source.wins ? "*" : " ", source.place, "|", source.value.value_or("-"),
                      "|", source.note, "\n");
    }
    return text;
  }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
  const GitFacts git_{.repository = "r", .branch = "main", .commit = "c"};
};

constexpr char kBlock[] = "# nopo: begin\nDOCKER_TAG=team/app:v1\nNODE_ENV=x\n# nopo: end\n";

TEST_F(VariableSourcesTest, SayWhichPlaceAComponentComesFrom) {
  EXPECT_EQ(Origin("DOCKER_VERSION", {}, ""),
            "local\n"
            " the environment|-|\n"
            " .env|-|\n"
            " nopo's block, .env|-|\n"
            "*computed|local|the default\n");
  EXPECT_EQ(Origin("DOCKER_VERSION", {{"DOCKER_VERSION", "v3"}},
                   absl::StrCat("DOCKER_VERSION=v2\n", kBlock)),
            "v3\n"
            "*the environment|v3|\n"
            " .env:1|v2|\n"
            " nopo's block, .env:3|v1|part of DOCKER_TAG=team/app:v1\n"
            " computed|local|the default\n");
  EXPECT_EQ(Origin("DOCKER_IMAGE", {{"DOCKER_VERSION", "v3"}}, kBlock),
            "team/app\n"
            " the environment|-|\n"
            " .env|-|\n"
            "*nopo's block, .env:2|team/app|part of DOCKER_TAG=team/app:v1\n"
            " computed|shop|the project's name\n");
}

TEST_F(VariableSourcesTest, TakeATagApart) {
  EXPECT_EQ(Origin("DOCKER_TAG", {{"DOCKER_REGISTRY", "ghcr.io"}}, kBlock),
            "ghcr.io/team/app:v1\n"
            "*the environment|ghcr.io|DOCKER_REGISTRY\n"
            "*nopo's block, .env:2|team/app|DOCKER_IMAGE\n"
            "*nopo's block, .env:2|v1|DOCKER_VERSION\n"
            " nopo's block, .env:2|-|DOCKER_DIGEST\n");
}

TEST_F(VariableSourcesTest, SayWhatIsNotRead) {
  EXPECT_EQ(Origin("NODE_ENV", {}, kBlock),
            "production\n"
            " the environment|-|\n"
            " .env|-|\n"
            " nopo's block, .env:3|x|not read\n"
            "*computed|production|from DOCKER_VERSION\n");
  EXPECT_EQ(Origin("GIT_COMMIT", {}, "GIT_COMMIT=mine\n"),
            "c\n"
            " the environment|-|\n"
            " .env:1|mine|not read\n"
            "*computed|c|asked of git\n");
}

TEST_F(VariableSourcesTest, KnowImagesAndThePort) {
  EXPECT_EQ(Origin("WEB_IMAGE", {}, "WEB_IMAGE=mine:1\n"),
            "mine:1\n"
            " the environment|-|\n"
            "*.env:1|mine:1|\n"
            " computed|shop-web:local|from DOCKER_TAG\n");
  EXPECT_EQ(Origin("DOCKER_PORT", {}, ""),
            "\n"
            " the environment|-|\n"
            " .env|-|\n"
            " nopo's block, .env|-|\n"
            " computed|-|a free port, chosen when it is written\n");
}

TEST_F(VariableSourcesTest, KnowWhatSteersNopoSetOrNot) {
  EXPECT_EQ(Origin("DOCKER_BUILD", {}, ""), "\n the environment|-|\n .env|-|\n");
  EXPECT_EQ(Origin("DOCKER_BUILD", {{"DOCKER_BUILD", "1"}}, "DOCKER_BUILD=0\n"),
            "1\n*the environment|1|\n .env:1|0|\n");
  EXPECT_EQ(Origin("DOCKER_PLATFORMS", {}, "DOCKER_PLATFORMS=linux/arm64\n"),
            "linux/arm64\n the environment|-|\n*.env:1|linux/arm64|\n");
  EXPECT_EQ(Origin("DEBUG", {}, "DEBUG=1\n"), "\n the environment|-|\n .env:1|1|not read\n");
  for (const std::string& name : SteeringVariables()) {
    EXPECT_NE(Origin(name, {}, ""), "NOT_FOUND") << name;
  }
}

TEST_F(VariableSourcesTest, KnowTheUsersOwnKeysButNoOthers) {
  EXPECT_EQ(Origin("FOO", {{"FOO", ""}}, "FOO=1\nFOO=2\n"), "2\n the environment|-|\n*.env:2|2|\n");
  EXPECT_EQ(Origin("BAR", {{"BAR", "1"}}, "FOO=1\n"), "NOT_FOUND");
}

}  // namespace
}  // namespace nopo
