// What the Dockerfile frontend made of a Dockerfile is used again, as long as nothing that it reads
// has changed.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReadBefore[] = "Dockerfile read before";

class DockerfileMemoryTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot("services: {dirs: [./apps]}\n");
    environment()["DEBUG"] = "build";
  }
  std::string Tag(const std::string& target) const { return slug() + "-" + target + ":local"; }
  std::string RunImage(const std::string& tag, const std::string& command) {
    const ProcessOutcome run =
        Run({"docker", "run", "--rm", "--network", "none", tag, "sh", "-c", command});
    return run.out + run.err;
  }
  // A base image of the test's own, with COLOUR in its environment.
  void MakeBase(const std::string& colour) {
    Write("base/Dockerfile", absl::StrCat("FROM ", image(), "\nENV COLOUR=", colour, "\n"));
    ASSERT_EQ(Run({"docker", "build", "--tag", base(), (project() / "base").string()}).exit_code,
              0);
  }
  void WriteServiceOnBase(const std::string& steps) {
    Write("apps/web/nopo.yml", "infrastructure: {}\n");
    Write("apps/web/Dockerfile", absl::StrCat("FROM ", base(), "\n", steps));
    Write("apps/web/hello", "one");
  }
  void TearDown() override {
    if (!IsSkipped()) Run({"docker", "image", "rm", "--force", Tag("web"), base()});
    NopoTest::TearDown();
  }

  std::string base() const { return slug() + "-base-of-web:1"; }

  std::string Build() {
    const ProcessOutcome build = Nopo({"build"});
    EXPECT_EQ(build.exit_code, 0) << build.err;
    return build.err;
  }
};

TEST_F(DockerfileMemoryTest, AnEditedFileIsBuiltWithoutReadingTheDockerfileAgain) {
  WriteService("web", "infrastructure: {}\n", "COPY hello /hello\nRUN wc -c /hello > /size\n");
  Write("apps/web/hello", "one");
  EXPECT_THAT(Build(), Not(HasSubstr(kReadBefore)));
  Write("apps/web/hello", "three");

  EXPECT_THAT(Build(), HasSubstr(kReadBefore));

  EXPECT_EQ(RunImage(Tag("web"), "cat /hello; cat /size"), "three5 /hello\n");
}

TEST_F(DockerfileMemoryTest, AnEditedDockerfileIsRead) {
  WriteService("web", "infrastructure: {}\n", "ENV COLOUR=red\n");
  Build();
  WriteService("web", "infrastructure: {}\n", "ENV COLOUR=blue\n");

  EXPECT_THAT(Build(), Not(HasSubstr(kReadBefore)));

  EXPECT_EQ(RunImage(Tag("web"), "echo $COLOUR"), "blue\n");
}

TEST_F(DockerfileMemoryTest, ABaseImageThatIsAnotherNowIsLookedAt) {
  WriteServiceOnBase("COPY hello /hello\n");
  MakeBase("red");
  Build();
  MakeBase("blue");

  EXPECT_THAT(Build(), Not(HasSubstr(kReadBefore)));

  EXPECT_EQ(RunImage(Tag("web"), "echo $COLOUR"), "blue\n");
}

TEST_F(DockerfileMemoryTest, ABuildDuringWhichItsBaseImageMovesProvesNothing) {
  const std::string marker = absl::StrCat("32", ::getpid());
  WriteServiceOnBase(absl::StrCat("RUN sleep ", marker, "; true\n"));
  MakeBase("red");
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }));
  MakeBase("blue");

  for (const int pid : ProcessesWith(marker)) ::kill(pid, SIGTERM);

  const ProcessOutcome outcome = build->Wait(absl::Minutes(1));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(base() + " was changed during the build"));
  MakeBase("red");
  EXPECT_THAT(Build(), Not(AnyOf(HasSubstr("inputs unchanged"), HasSubstr(kReadBefore))));
}

TEST_F(DockerfileMemoryTest, AStepThatFailsThenIsReportedAsEver) {
  WriteService("web", "infrastructure: {}\n", "COPY check /check\nRUN sh /check\n");
  Write("apps/web/check", "true\n");
  Build();
  Write("apps/web/check", "echo not today; exit 3\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 5) << build.err;
  EXPECT_THAT(build.err, HasSubstr(">>> RUN sh /check"));
  EXPECT_THAT(build.err, HasSubstr("not today"));
  EXPECT_THAT(build.err, HasSubstr("failed with exit code 3"));
}

}  // namespace
}  // namespace nopo
