#include "daemon/project/project_environment.h"

#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "daemon/project/git_facts_cache.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

// What a first `up` of the test's project writes, with this port.
std::string FirstBlock(const std::string& port) {
  return absl::StrCat(
      "# nopo: begin\nDOCKER_IMAGE=shop\nDOCKER_PORT=", port,
      "\nDOCKER_TAG=shop:local\nDOCKER_TARGET=development\nDOCKER_VERSION=local\nGIT_BRANCH=main\n"
      "GIT_COMMIT=c0ffee\nGIT_REPO='a repo'\nNODE_ENV=development\nWEB_IMAGE=shop-web:local\n"
      "# nopo: end\n");
}

class ProjectEnvironmentTest : public ::testing::Test {
 protected:
  ProjectEnvironmentTest() {
    files_.Write("nopo.yml", "name: Shop\n");
    files_.Write("apps/web/nopo.yml", "").Write("apps/web/Dockerfile", "");
    project_ = files_.Load();
  }

  ProjectEnvironment Resolve(const EnvironmentOptions& options,
                             const EnvironmentMap& process = {}) {
    absl::StatusOr<ProjectEnvironment> resolved = Try(options, process);
    EXPECT_TRUE(resolved.ok()) << resolved.status();
    return resolved.ok() ? *std::move(resolved) : ProjectEnvironment();
  }
  absl::StatusOr<ProjectEnvironment> Try(const EnvironmentOptions& options,
                                         const EnvironmentMap& process = {}) {
    return ResolveEnvironment(*project_, process, &git_, options, Cancellation());
  }
  // The managed keys after a write.
  EnvironmentMap Write(const EnvironmentMap& process = {}) {
    return Resolve({.use = DotenvUse::kWrite}, process).names.managed;
  }
  std::string File(const std::string& name = ".env") const {
    std::ostringstream text;
    text << std::ifstream(files_.root() / name).rdbuf();
    return text.str();
  }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
  GitFacts git_{.repository = "a repo", .branch = "main", .commit = "c0ffee"};
};

TEST_F(ProjectEnvironmentTest, IsWrittenIntoABlockOfItsOwn) {
  files_.Write(".env", "# mine\nSECRET=1\n");
  const EnvironmentMap managed = Write();
  EXPECT_EQ(File(), absl::StrCat("# mine\nSECRET=1\n", FirstBlock(managed.at("DOCKER_PORT"))));
}

TEST_F(ProjectEnvironmentTest, ChoosesAFreePortAndKeepsIt) {
  const std::string port = Write().at("DOCKER_PORT");
  int number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(port, &number) && number > 1023 && number < 65536) << port;
  EXPECT_EQ(Write().at("DOCKER_PORT"), port);
  EXPECT_EQ(Write({{"DOCKER_PORT", "8080"}}).at("DOCKER_PORT"), "8080");
  EXPECT_EQ(Write().at("DOCKER_PORT"), "8080") << "a given one is kept too";
}

TEST_F(ProjectEnvironmentTest, PersistsTheTagFamilyButNothingElse) {
  Write({{"DOCKER_TAG", "ghcr.io/team/app:v1"},
         {"NODE_ENV", "test"},
         {"WEB_IMAGE", "other:1"},
         {"GIT_COMMIT", "given"}});
  EXPECT_THAT(File(), HasSubstr("NODE_ENV=test\nWEB_IMAGE=other:1\n"));
  const EnvironmentMap managed = Write();
  EXPECT_EQ(managed.at("DOCKER_TAG"), "ghcr.io/team/app:v1");
  EXPECT_EQ(managed.at("DOCKER_REGISTRY"), "ghcr.io");
  EXPECT_EQ(managed.at("NODE_ENV"), "production");
  EXPECT_EQ(managed.at("WEB_IMAGE"), "ghcr.io/team/app-web:v1");
  EXPECT_EQ(managed.at("GIT_COMMIT"), "c0ffee");
}

TEST_F(ProjectEnvironmentTest, ForgetsWhatPersistsWhenForced) {
  files_.Write(".env", "KEEP=1\n# nopo: begin\nDOCKER_PORT=1\nDOCKER_TAG=a:v1\n# nopo: end\n");
  const EnvironmentMap managed = Resolve({.use = DotenvUse::kWrite, .forget = true}).names.managed;
  EXPECT_NE(managed.at("DOCKER_PORT"), "1");
  EXPECT_EQ(File(), absl::StrCat("KEEP=1\n", FirstBlock(managed.at("DOCKER_PORT"))));
}

TEST_F(ProjectEnvironmentTest, LeavesTheUsersKeysToTheUser) {
  files_.Write(".env", "DOCKER_VERSION=v2\nDOCKER_PORT=90\nGIT_COMMIT=mine\nNODE_ENV=\n");
  const EnvironmentMap managed = Write({{"DOCKER_PORT", "91"}});
  EXPECT_EQ(managed.at("DOCKER_PORT"), "91");
  EXPECT_EQ(managed.at("GIT_COMMIT"), "c0ffee");
  EXPECT_EQ(File(),
            "DOCKER_VERSION=v2\nDOCKER_PORT=90\nGIT_COMMIT=mine\nNODE_ENV=\n# nopo: begin\n"
            "DOCKER_IMAGE=shop\nDOCKER_TAG=shop:v2\nDOCKER_TARGET=production\nGIT_BRANCH=main\n"
            "GIT_REPO='a repo'\nNODE_ENV=production\nWEB_IMAGE=shop-web:v2\n# nopo: end\n");
}

TEST_F(ProjectEnvironmentTest, KeepsNothingOfWhatTheUserNoLongerSets) {
  const auto tag_after = [&](const std::string& former) {
    files_.Write(".env", former);
    Write();
    files_.Write(".env", File().substr(former.size()));
    return Write().at("DOCKER_TAG");
  };
  EXPECT_EQ(tag_after("DOCKER_VERSION=v2\n"), "shop:local");
  EXPECT_EQ(tag_after("DOCKER_IMAGE=other\n"), "shop:local");
  EXPECT_EQ(tag_after("DOCKER_REGISTRY=ghcr.io\nDOCKER_VERSION=v2\n"), "shop:local");
  EXPECT_EQ(tag_after("DOCKER_IMAGE=other\nDOCKER_VERSION=v2\n"), "shop:local");
  EXPECT_EQ(tag_after("DOCKER_TAG=ghcr.io/team/app:v1\n"), "shop:local");

  Write({{"DOCKER_TAG", "ghcr.io/team/app:v1"}});
  files_.Write(".env", "DOCKER_VERSION=v2\n" + File());
  EXPECT_EQ(Write().at("DOCKER_TAG"), "ghcr.io/team/app:v2");
  files_.Write(".env", File().substr(File().find('\n') + 1));
  EXPECT_EQ(Write().at("DOCKER_TAG"), "ghcr.io/team/app:local") << "the block has its own parts";
}

TEST_F(ProjectEnvironmentTest, TakesAKeyOutOfTheBlockThatTheUserSets) {
  const std::string port = Write().at("DOCKER_PORT");
  files_.Write(".env", absl::StrCat("DOCKER_PORT=", port, "\n", File()));
  Write();
  EXPECT_THAT(File(), Not(HasSubstr(absl::StrCat("DOCKER_IMAGE=shop\nDOCKER_PORT=", port))));
}

TEST_F(ProjectEnvironmentTest, IsNotTouchedWhenNothingChanged) {
  Write();
  const std::string path = (files_.root() / ".env").native();
  const FileStamp before = StampOf(path);
  Write();
  EXPECT_EQ(StampOf(path), before);
}

TEST_F(ProjectEnvironmentTest, ForgetsTargetsThatAreGoneAndMovesForeignKeys) {
  files_.Write(".env",
               "# nopo: begin\nOLD_APP_IMAGE=shop-old-app:local\nMY_IMAGE=postgres:16\nFOO=1\n"
               "# nopo: end\n");
  const ProjectEnvironment resolved = Resolve({.use = DotenvUse::kWrite});
  EXPECT_THAT(File(), StartsWith("MY_IMAGE=postgres:16\nFOO=1\n# nopo: begin\nDOCKER_IMAGE"));
  EXPECT_THAT(File(), Not(HasSubstr("OLD_APP")));
  EXPECT_THAT(resolved.before, ElementsAre(Pair("OLD_APP_IMAGE", "shop-old-app:local")));
  EXPECT_THAT(resolved.dotenv.All(), Contains(Pair("FOO", "1")));
}

TEST_F(ProjectEnvironmentTest, IsOnlyReadOrPreviewedOnRequest) {
  const ProjectEnvironment read = Resolve({.use = DotenvUse::kRead});
  EXPECT_THAT(read.names.managed, Not(Contains(Key("DOCKER_PORT"))));
  const ProjectEnvironment preview = Resolve({.use = DotenvUse::kPreview});
  EXPECT_THAT(preview.names.managed, Contains(Key("DOCKER_PORT")));
  EXPECT_FALSE(std::filesystem::exists(files_.root() / ".env"));
}

TEST_F(ProjectEnvironmentTest, IsInTheFileThatENV_FILENames) {
  files_.Write("config/x", "");
  const ProjectEnvironment resolved =
      Resolve({.use = DotenvUse::kWrite}, {{"ENV_FILE", "config/../config/my.env"}});
  EXPECT_EQ(resolved.file, files_.root() / "config/my.env");
  EXPECT_THAT(File("config/my.env"), StartsWith("# nopo: begin\n"));
  EXPECT_EQ(File(), "");
}

TEST_F(ProjectEnvironmentTest, LeavesAMalformedFileAlone) {
  for (const std::string text :
       {"A=1\nwhat is this\n", "# nopo: begin\nA=1\n", "# nopo: end\n", "A='\n",
        "# nopo: begin\n# nopo: end\n# nopo: begin\n# nopo: end\n", "DOCKER_TAG=No Good\n"}) {
    files_.Write(".env", text);
    const absl::Status status = Try({.use = DotenvUse::kWrite}).status();
    EXPECT_EQ(ReasonOf(status), Reason::kConfiguration) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(".env:")) << text;
    EXPECT_EQ(File(), text);
  }
}

TEST_F(ProjectEnvironmentTest, RefusesWhatIsNoTextFile) {
  files_.Write(".env", std::string("A=\xFF\n"));
  EXPECT_EQ(std::string(Try({.use = DotenvUse::kWrite}).status().message()),
            ".env: found bytes that are not UTF-8 in line 1; expected UTF-8 text");
  const absl::Status directory = Try({.use = DotenvUse::kWrite}, {{"ENV_FILE", "apps"}}).status();
  EXPECT_EQ(std::string(directory.message()), "apps: found a directory; expected a regular file");
  EXPECT_EQ(ReasonOf(directory), Reason::kConfiguration);
}

TEST(DiffEnvironmentsTest, TellsWhatBecameOfEachKey) {
  const EnvironmentDiff diff =
      DiffEnvironments({{"A", "1"}, {"B", "1"}, {"C", "1"}}, {{"B", "1"}, {"C", "2"}, {"D", "1"}});
  EXPECT_THAT(diff.added, ElementsAre(Pair("D", "1")));
  EXPECT_THAT(diff.removed, ElementsAre(Pair("A", "1")));
  EXPECT_THAT(diff.unchanged, ElementsAre(Pair("B", "1")));
  ASSERT_THAT(diff.updated, ElementsAre(Key("C")));
  EXPECT_EQ(diff.updated.at("C").from, "1");
  EXPECT_EQ(diff.updated.at("C").to, "2");
}

}  // namespace
}  // namespace nopo
