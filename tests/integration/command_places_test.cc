// Where commands run: directory, environment and files, on the host and in containers.
#include <gmock/gmock.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class CommandPlacesTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(CommandPlacesTest, OnTheHostInTheTargetsDirectoryWithTheCallersEnvironment) {
  Write("apps/web/nopo.yml", "commands: {where: 'echo \"$GREETING from $PWD\"'}\n");
  environment()["GREETING"] = "hello";

  EXPECT_EQ(NopoIn(project() / "apps", {"where"}).out,
            absl::StrCat("[web:where] hello from ", (project() / "apps/web").string(), "\n"));
}

TEST_F(CommandPlacesTest, OnTheHostADirIsRelativeToTheTargetAndRootIsTheProject) {
  Write("apps/web/src/file", "");
  Write("apps/web/nopo.yml",
        "commands:\n"
        "  inner: {command: pwd, dir: ./src}\n"
        "  top: {command: pwd, dir: root}\n"
        "  other: {command: pwd, dir: /tmp}\n");

  EXPECT_EQ(Nopo({"inner"}).out,
            absl::StrCat("[web:inner] ", (project() / "apps/web/src").string(), "\n"));
  EXPECT_EQ(Nopo({"top"}).out, absl::StrCat("[web:top] ", project().string(), "\n"));
  EXPECT_EQ(Nopo({"other"}).out, "[web:other] /tmp\n");
}

TEST_F(CommandPlacesTest, TheCallersUmaskApplies) {
  Write("apps/web/nopo.yml", "commands: {make: 'touch file; stat -c %a file'}\n");

  EXPECT_EQ(Run({"sh", "-c", absl::StrCat("umask 027; exec ", NOPO_BINARY, " make")}).out,
            "[web:make] 640\n");
}

TEST_F(CommandPlacesTest, AServicesContainerHasItsImagesFilesAndDirectory) {
  WriteService("web", "commands: {where: 'pwd; cat /baked; ls /app 2>&1 | head -1'}\n",
               "RUN mkdir /srv; echo baked > /baked\nWORKDIR /srv\n");

  const ProcessOutcome outcome = Nopo({"run", "where", "web"});

  EXPECT_THAT(outcome.out, HasSubstr("[web:where] /srv\n[web:where] baked\n")) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("No such file")) << "the project is not mounted";
}

TEST_F(CommandPlacesTest, AContainerOfAReleasedVersionHasTheImageThatIsThere) {
  environment()["DOCKER_VERSION"] = "v1";
  WriteService("web", "commands: {show: cat /baked}\n", "RUN echo released > /baked\n");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  WriteService("web", "commands: {show: cat /baked}\n", "RUN echo edited > /baked\n");

  EXPECT_EQ(Nopo({"run", "show", "--dry-run"}).out, "Stage 1: [web:show]\n");
  EXPECT_EQ(Nopo({"run", "show"}).out, "[web:show] released\n");
  environment()["DOCKER_BUILD"] = "1";
  EXPECT_EQ(Nopo({"run", "show"}).out, "[web:show] edited\n");
}

TEST_F(CommandPlacesTest, InAContainerAServicesCommandStandsInItsDirectory) {
  WriteService("web", "infrastructure: {directory: srv}\ncommands: {where: pwd}\n");

  EXPECT_EQ(Nopo({"run", "where", "web"}).out, "[web:where] /app/srv\n");
  EXPECT_THAT(Nopo({"run", "where", "web", "--dry-run", "--json"}).out,
              HasSubstr(R"("dir":"/app/srv")"));
}

TEST_F(CommandPlacesTest, InAContainerARelativeDirAndRootAreBelowTheMountedProject) {
  Write("apps/web/src/file", "");
  WriteService("web",
               "commands:\n"
               "  inner: {command: 'pwd; ls', dir: ./src}\n"
               "  top: {command: 'pwd; ls nopo.yml', dir: root}\n"
               "  other: {command: pwd, dir: /tmp}\n");

  EXPECT_EQ(Nopo({"run", "inner", "web"}).out, "[web:inner] /app/apps/web/src\n[web:inner] file\n");
  EXPECT_EQ(Nopo({"run", "top", "web"}).out, "[web:top] /app\n[web:top] nopo.yml\n");
  EXPECT_EQ(Nopo({"run", "other", "web"}).out, "[web:other] /tmp\n");
}

TEST_F(CommandPlacesTest, APackageRunsOnTheBaseImageWithTheProject) {
  Write("apps/lib/nopo.yml", "commands: {where: 'pwd; ls'}\n");

  EXPECT_EQ(Nopo({"run", "where", "lib"}).out, "[lib:where] /app/apps/lib\n[lib:where] nopo.yml\n");
}

TEST_F(CommandPlacesTest, TheContextOfTheCommandLineAppliesToDependenciesToo) {
  Write("apps/lib/nopo.yml", "commands: {where: 'test -e /.dockerenv && echo inside'}\n");
  Write("apps/web/nopo.yml",
        "dependencies: [lib]\ncommands: {where: 'test -e /.dockerenv && echo inside'}\n");

  EXPECT_EQ(Nopo({"where", "web", "--context", "container"}).out,
            "[lib:where] inside\n[web:where] inside\n");
}

TEST_F(CommandPlacesTest, ACommandsOwnContextHoldsWithoutRun) {
  Write("apps/web/nopo.yml",
        "commands: {where: {command: 'test -e /.dockerenv && echo inside', context: container}}\n");

  EXPECT_EQ(Nopo({"where"}).out, "[web:where] inside\n");
}

TEST_F(CommandPlacesTest, APlanTellsTheContainersPathAndTheCommandsOwnEnvironment) {
  Write("apps/lib/nopo.yml", "commands: {where: {command: pwd, env: {A: b}}}\n");
  environment()["CALLERS"] = "own";

  const std::string plan = Nopo({"run", "where", "lib", "--dry-run", "--json"}).out;

  EXPECT_THAT(plan, HasSubstr(R"("dir":"/app/apps/lib")"));
  EXPECT_THAT(plan, HasSubstr(R"("env":{"A":"b"})"));
  EXPECT_THAT(plan, HasSubstr(R"("context":"container")"));
}

}  // namespace
}  // namespace nopo
