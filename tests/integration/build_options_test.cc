// What the options and special targets of `build` promise.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BuildOptionsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  std::string Tag(const std::string& target) const {
    return absl::StrCat(slug(), "-", target, ":local");
  }
  std::string RunImage(const std::string& tag, const std::string& command) {
    const ProcessOutcome run =
        Run({"docker", "run", "--rm", "--network", "none", tag, "sh", "-c", command});
    return run.out + run.err;
  }
  bool HasImage(const std::string& tag) { return engine().InspectImage(tag, never()).ok(); }
};

TEST_F(BuildOptionsTest, RootAndBaseAreTheBaseImage) {
  WriteService("web", "infrastructure: {}\n");

  EXPECT_EQ(Nopo({"build", "root", "--dry-run"}).out, "Stage 1: [root:build]\n");
  const ProcessOutcome base = Nopo({"build", "base"});

  EXPECT_EQ(base.exit_code, 0) << base.err;
  EXPECT_TRUE(HasImage(absl::StrCat(slug(), ":local")));
  EXPECT_FALSE(HasImage(Tag("web")));
}

TEST_F(BuildOptionsTest, FiltersTakeTheBaseImageOutToo) {
  const ProcessOutcome build = Nopo({"build", "root", "--tags", "frontend", "--dry-run"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(build.out, "");
  EXPECT_THAT(build.err, HasSubstr("no target matches the filters"));
}

TEST_F(BuildOptionsTest, ATargetMayBeNamedLikeTheRootWhereNoPlanHasBoth) {
  Write("apps/root/nopo.yml", "build: {command: 'true'}\n");
  EXPECT_EQ(Nopo({"build", "--dry-run"}).out, "Stage 1: [root:build]\n");

  Write("apps/web/nopo.yml", "dependencies: [root]\ninfrastructure: {}\n");
  const ProcessOutcome both = Nopo({"build", "--dry-run"});

  EXPECT_EQ(both.exit_code, 4);
  EXPECT_THAT(both.err, HasSubstr("apps/root/nopo.yml"));
  EXPECT_THAT(both.err, HasSubstr("set root_name"));
}

TEST_F(BuildOptionsTest, TheBaseImageIsNamedAfterTheRoot) {
  WriteRoot("root_name: workspace\n");

  EXPECT_EQ(Nopo({"build", "workspace", "--dry-run"}).out, "Stage 1: [workspace:build]\n");
}

TEST_F(BuildOptionsTest, TheProjectsOwnBaseDockerfileGetsItsArguments) {
  Write("nopo/docker/Dockerfile",
        "ARG BASE_FROM\nFROM $BASE_FROM\nARG BASE_FROM USER_ID USER_HOME DOCKER_VERSION\n"
        "RUN echo $BASE_FROM $USER_ID $USER_HOME $DOCKER_VERSION > /facts\n");

  const ProcessOutcome build = Nopo({"build", "root"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(absl::StrCat(slug(), ":local"), "cat /facts"),
            absl::StrCat(image(), " 1001 /home/nopo local\n"));
}

TEST_F(BuildOptionsTest, APrebuiltImageIsSaidToBeOne) {
  Write("apps/db/nopo.yml", absl::StrCat("image: ", image(), "\n"));

  const ProcessOutcome build = Nopo({"build", "db"});

  EXPECT_EQ(build.exit_code, 0);
  EXPECT_THAT(build.err, HasSubstr(absl::StrCat("db is pre-built (", image(), ")")));
}

TEST_F(BuildOptionsTest, APackageWithoutABuildIsSkippedUnlessNamed) {
  Write("apps/lib/nopo.yml", "commands: {test: 'true'}\n");

  EXPECT_EQ(Nopo({"build"}).exit_code, 0);
  EXPECT_EQ(Nopo({"build", "lib"}).exit_code, 3);
}

TEST_F(BuildOptionsTest, AnImageWinsOverADockerfileButNotOverAnExplicitOne) {
  WriteService("db", absl::StrCat("image: ", image(), "\n"), "RUN false\n");
  EXPECT_EQ(Nopo({"build"}).exit_code, 0);

  WriteService("db", absl::StrCat("image: ", image(), "\ndockerfile: Dockerfile\n"));
  EXPECT_EQ(Nopo({"build"}).exit_code, 4);
}

TEST_F(BuildOptionsTest, TargetIsTheStageOfOwnDockerfiles) {
  WriteService("web", "infrastructure: {}\n",
               absl::StrCat("RUN echo first > /stage\nFROM ", image(),
                            " AS second\nRUN echo second > /stage\nFROM ", image(),
                            " AS third\nRUN echo third > /stage\n"));

  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  EXPECT_EQ(RunImage(Tag("web"), "cat /stage"), "third\n");

  ASSERT_EQ(Nopo({"build", "--target", "second"}).exit_code, 0);
  EXPECT_EQ(RunImage(Tag("web"), "cat /stage"), "second\n");
}

TEST_F(BuildOptionsTest, NoCacheRunsEveryStepAgain) {
  WriteService("web", "infrastructure: {}\n", "RUN head -c 8 /dev/urandom | md5sum > /chance\n");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  const std::string before = RunImage(Tag("web"), "cat /chance");

  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  EXPECT_EQ(RunImage(Tag("web"), "cat /chance"), before);

  ASSERT_EQ(Nopo({"build", "--no-cache"}).exit_code, 0);
  EXPECT_NE(RunImage(Tag("web"), "cat /chance"), before);
}

TEST_F(BuildOptionsTest, OwnDockerfilesGetTheDeclaredVariables) {
  environment()["GIT_BRANCH"] = "trunk";
  WriteService("web", "infrastructure: {}\n",
               "ARG DOCKER_TAG DOCKER_VERSION DOCKER_TARGET GIT_BRANCH SERVICE_NAME NOPO_APP_UID\n"
               "RUN echo $DOCKER_VERSION $DOCKER_TARGET $GIT_BRANCH $SERVICE_NAME $NOPO_APP_UID "
               "> /facts; echo $DOCKER_TAG > /tag\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(Tag("web"), "cat /facts"), "local development trunk web 1001\n");
}

TEST_F(BuildOptionsTest, OutputHasEveryFieldOfEachImage) {
  WriteService("web", "infrastructure: {}\n");

  ASSERT_EQ(Nopo({"build", "--output", "built.json"}).exit_code, 0);

  const auto built = engine().InspectImage(Tag("web"), never());
  ASSERT_TRUE(built.ok());
  EXPECT_THAT(Read("built.json"),
              AllOf(HasSubstr(R"([{"name":"web",)"), HasSubstr(R"("registry":"")"),
                    HasSubstr(absl::StrCat(R"("image":")", slug(), "-web\"")),
                    HasSubstr(R"("version":"local")"), HasSubstr(R"("digest":")"),
                    HasSubstr(absl::StrCat(R"("image_id":")", built->id, "\"")),
                    testing::ContainsRegex(R"("cached":(true|false)}]\s*$)")))
      << "and no other";
}

TEST_F(BuildOptionsTest, OutputThatCannotBeWrittenIsToldBeforeAnythingIsBuilt) {
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome missing = Nopo({"build", "--output", "nowhere/built.json"});
  const ProcessOutcome folder = Nopo({"build", "--output", "apps"});

  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("nowhere/built.json: there is no folder "));
  EXPECT_EQ(folder.exit_code, 3);
  EXPECT_TRUE(absl::IsNotFound(engine().InspectImage(Tag("web"), never()).status()));
}

TEST_F(BuildOptionsTest, PackagesAndDryRunsNeedNoEngine) {
  Write("apps/lib/nopo.yml", "build: {command: echo made > out, output: out}\n");
  WriteService("web", "dependencies: [lib]\n");
  environment()["DOCKER_HOST"] = "unix:///nonexistent/docker.sock";

  const ProcessOutcome package = Nopo({"build", "lib"});
  const ProcessOutcome dry = Nopo({"build", "--dry-run"});

  EXPECT_EQ(package.exit_code, 0) << package.err;
  EXPECT_EQ(Read("apps/lib/out"), "made\n");
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.out, "Stage 1: [lib:build]\nStage 2: [web:build]\n");
  EXPECT_EQ(Nopo({"up", "--dry-run"}).exit_code, 0);
}

TEST_F(BuildOptionsTest, APackageIsNotBuiltAgainWhileNothingChanges) {
  Write("apps/lib/nopo.yml", "build: {command: echo made >> out, output: out}\n");
  Write("apps/lib/source", "one");

  ASSERT_TRUE(Eventually([&] {
    return Nopo({"build", "lib"}).exit_code == 0 &&
           Nopo({"build", "lib", "--json"}).out.find("up-to-date") != std::string::npos;
  }));
  const std::string before = Read("apps/lib/out");
  Write("apps/lib/source", "another");
  ASSERT_EQ(Nopo({"build", "lib"}).exit_code, 0);

  EXPECT_EQ(Read("apps/lib/out"), before + "made\n");
}

}  // namespace
}  // namespace nopo
