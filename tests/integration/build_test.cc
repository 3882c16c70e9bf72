#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BuildTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot("services: {dirs: [./apps, './libs*']}\n");
  }
  std::string Tag(const std::string& target) const { return slug() + "-" + target + ":local"; }
  std::string RunImage(const std::string& tag, const std::string& command) {
    const ProcessOutcome run =
        Run({"docker", "run", "--rm", "--network", "none", tag, "sh", "-c", command});
    return run.out + run.err;
  }
};

TEST_F(BuildTest, AnOwnDockerfileIsBuiltFromItsFolder) {
  WriteService("web", "", "COPY hello /hello\n");
  Write("apps/web/nopo.yml", "infrastructure: {}\n");
  Write("apps/web/hello", "hi");

  const ProcessOutcome build = Nopo({"build", "web"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(Tag("web"), "cat /hello"), "hi");
}

TEST_F(BuildTest, FromBaseMeansTheProjectsBaseImage) {
  Write("apps/web/nopo.yml", "infrastructure: {}\n");
  Write("apps/web/Dockerfile", "FROM base\nRUN echo made > made\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(Tag("web"), "cat /app/made; id -u"), "made\n1001\n");
  EXPECT_TRUE(engine().InspectImage(slug() + ":local", never()).ok());
}

TEST_F(BuildTest, AGeneratedDockerfileKeepsOnlyTheOutput) {
  Write("apps/api/nopo.yml",
        "infrastructure: {}\nbuild: {command: 'mkdir out && echo $KIND > out/kind', output: out,"
        " env: {KIND: generated}}\n");
  Write("apps/api/source", "secret");

  const ProcessOutcome build = Nopo({"build", "api"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(Tag("api"), "cat out/kind; ls"), "generated\nout\n");
}

TEST_F(BuildTest, APackageIsBuiltOnTheHostBeforeTheImageThatNeedsIt) {
  Write("libs/shared/nopo.yml", "build: {command: 'echo from the host > made', output: made}\n");
  Write("apps/web/nopo.yml",
        "infrastructure: {}\ndependencies: [shared]\nbuild: {context: root}\n");
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", image(), "\nCOPY libs/shared/made /made\n"));

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage(Tag("web"), "cat /made"), "from the host\n");
}

TEST_F(BuildTest, NothingChangedIsSaidAndAnEditIsSeen) {
  WriteService("web", "infrastructure: {}\n", "COPY hello /hello\n");
  Write("apps/web/hello", "one");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);

  EXPECT_THAT(Nopo({"build"}).err, HasSubstr("nothing changed"));
  Write("apps/web/hello", "two");
  EXPECT_THAT(Nopo({"build"}).err, Not(HasSubstr("nothing changed")));

  EXPECT_EQ(RunImage(Tag("web"), "cat /hello"), "two");
}

TEST_F(BuildTest, IgnoredFilesNeitherTravelNorCount) {
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  Write("apps/web/.dockerignore", "*.log\n!keep.log\n");
  Write("apps/web/drop.log", "1");
  Write("apps/web/keep.log", "1");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  Write("apps/web/drop.log", "2");

  EXPECT_THAT(Nopo({"build"}).err, HasSubstr("nothing changed"));

  EXPECT_THAT(RunImage(Tag("web"), "ls /all"), HasSubstr("keep.log"));
  EXPECT_THAT(RunImage(Tag("web"), "ls /all"), Not(HasSubstr("drop.log")));
}

TEST_F(BuildTest, BuildArgumentsReachDockerfilesThatDeclareThem) {
  WriteService("web", "infrastructure: {}\nbuild: {args: {COLOUR: red}}\n",
               "ARG COLOUR\nARG SERVICE_NAME\nRUN echo $COLOUR $SERVICE_NAME > /facts\n");

  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  EXPECT_EQ(RunImage(Tag("web"), "cat /facts"), "red web\n");

  ASSERT_EQ(Nopo({"build", "--build-arg", "COLOUR=blue"}).exit_code, 0);
  EXPECT_EQ(RunImage(Tag("web"), "cat /facts"), "blue web\n");
}

TEST_F(BuildTest, WritesWhatItBuilt) {
  WriteService("web", "infrastructure: {}\n");

  ASSERT_EQ(Nopo({"build", "--output", "built.json"}).exit_code, 0);

  EXPECT_THAT(Read("built.json"),
              HasSubstr(absl::StrCat(R"([{"name":"web","tag":")", Tag("web"), R"(","registry":"",)",
                                     R"("image":")", slug(), R"(-web","version":"local",)",
                                     R"("digest":")")));
  EXPECT_THAT(Read("built.json"), HasSubstr(R"("image_id":"sha256:)"));
  EXPECT_THAT(Read("built.json"), HasSubstr(R"("cached":)"));
}

TEST_F(BuildTest, ADryRunPrintsTheSeedsStages) {
  Write("libs/shared/nopo.yml", "build: {command: 'true'}\n");
  Write("apps/backend/nopo.yml", "dependencies: [shared]\nbuild: {command: 'true'}\n");
  Write("apps/api/nopo.yml", "dependencies: [shared]\nbuild: {command: 'true'}\n");
  Write("apps/web/nopo.yml", "dependencies: [backend]\nbuild: {command: 'true'}\n");

  EXPECT_EQ(Nopo({"build", "--dry-run"}).out,
            "Stage 1: [shared:build]\n"
            "Stage 2: [api:build, backend:build]\n"
            "Stage 3: [web:build]\n");
}

}  // namespace
}  // namespace nopo
