// Bad input and faults: each has a message that a newcomer understands and an exit code that a
// script can act on, and leaves nothing behind that a next call does not cope with.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kSleeper[] = "compose: {command: sleep 600, stop_grace_period: 0s, init: true}\n";

class FaultsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(FaultsTest, WithoutAnEngineSaysWhereItLookedAndWhatToDo) {
  WriteService("app", kSleeper);
  environment()["DOCKER_HOST"] = "unix:///nonexistent/docker.sock";

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 5);
  EXPECT_THAT(up.err, AllOf(HasSubstr("/nonexistent/docker.sock"), HasSubstr("DOCKER_HOST")));
  EXPECT_EQ(Nopo({"list", "--csv"}).out, "app\n") << "what needs no engine goes on working";
  EXPECT_THAT(Nopo({"status", "--json"}).out, HasSubstr(R"("state":"unreachable")"));
}

TEST_F(FaultsTest, AFailingBuildShowsTheStepAndItsLastLines) {
  WriteService("app", kSleeper, "RUN echo before the end && exit 3\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 5);
  EXPECT_THAT(build.err,
              AllOf(HasSubstr("app:build"), HasSubstr("before the end"), HasSubstr("exit code 3")));
}

TEST_F(FaultsTest, AFailedBuildStartsNothingThatNeedsItAndTheRestGoesOn) {
  WriteService("app", kSleeper, "RUN false\n");
  WriteService("needs", std::string("dependencies: [app]\n") + kSleeper);
  WriteService("other", kSleeper);

  EXPECT_EQ(Nopo({"up"}).exit_code, 5);

  EXPECT_TRUE(ContainersOf("app").empty());
  EXPECT_TRUE(ContainersOf("needs").empty());
  EXPECT_EQ(ContainerOf("other").state, ContainerState::kRunning);
}

TEST_F(FaultsTest, AServiceThatExitsAtOnceShowsItsLogAndTheOthersStay) {
  WriteService("bad", "compose: {command: [sh, -c, 'echo cannot find the database; exit 7']}\n");
  WriteService("good", kSleeper);

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 5);
  EXPECT_THAT(up.err,
              AllOf(HasSubstr("bad:start"), HasSubstr("cannot find the database"), HasSubstr("7")));
  EXPECT_EQ(ContainerOf("good").state, ContainerState::kRunning);
}

TEST_F(FaultsTest, AServiceThatTurnsUnhealthyShowsItsLog) {
  WriteService("sick", R"(
compose:
  command: [sh, -c, "echo waiting for godot; sleep 600"]
  healthcheck: {test: [CMD, "false"], interval: 50ms, retries: 2}
  stop_grace_period: 0s
)");

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 5);
  EXPECT_THAT(up.err, AllOf(HasSubstr("unhealthy"), HasSubstr("waiting for godot")));
}

TEST_F(FaultsTest, AServiceThatIsNotHealthyInTimeIsAFailure) {
  WriteService("slow", R"(
compose:
  command: sleep 600
  healthcheck: {test: [CMD, "false"], interval: 1m}
  stop_grace_period: 0s
)");

  const ProcessOutcome up = Nopo({"up", "--timeout", "1"});

  EXPECT_EQ(up.exit_code, 5);
  EXPECT_THAT(up.err, HasSubstr("slow:start"));
}

TEST_F(FaultsTest, ATakenPortNamesPortServiceAndOwner) {
  const std::string config =
      "compose: {command: sleep 600, stop_grace_period: 0s, ports: ['127.0.0.1:28461:80']}\n";
  WriteService("first", config);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  WriteService("second", config);

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 5);
  EXPECT_THAT(up.err, AllOf(HasSubstr("28461"), HasSubstr("second"),
                            HasSubstr(absl::StrCat(slug(), "-first-1"))));
}

TEST_F(FaultsTest, AFolderWithoutProjectSaysHowToStartOne) {
  const ProcessOutcome list = NopoIn("/", {"list"});

  EXPECT_EQ(list.exit_code, 4);
  EXPECT_THAT(list.err, HasSubstr("nopo.yml"));
}

TEST_F(FaultsTest, BrokenYamlNamesFileLineAndColumn) {
  Write("apps/web/nopo.yml", "name: [web\nport: 1\n");

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 4);
  EXPECT_THAT(up.err, HasSubstr("apps/web/nopo.yml:2:"));
}

TEST_F(FaultsTest, MistakesOfAllFilesAreToldAtOnce) {
  Write("apps/web/nopo.yml", "infrastructure: {port: many}\n");
  Write("apps/api/nopo.yml", "infrastructure: {cpu: -1}\n");

  const ProcessOutcome list = Nopo({"list"});

  EXPECT_EQ(list.exit_code, 4);
  EXPECT_THAT(list.err,
              AllOf(HasSubstr("apps/web/nopo.yml:1:"), HasSubstr("apps/api/nopo.yml:1:")));
}

TEST_F(FaultsTest, AnUnknownTargetIsAnsweredWithTheNearest) {
  WriteService("backend", kSleeper);

  const ProcessOutcome up = Nopo({"up", "bakend"});

  EXPECT_EQ(up.exit_code, 3);
  EXPECT_THAT(up.err, AllOf(HasSubstr("bakend"), HasSubstr("backend")));
}

TEST_F(FaultsTest, CtrlCDuringABuildEndsTheBuildInTheEngine) {
  const std::string marker = absl::StrCat("31", ::getpid());
  WriteService("app", kSleeper, absl::StrCat("RUN sleep ", marker, "\n"));
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }));

  build->Signal(SIGINT);

  EXPECT_EQ(build->Wait(absl::Seconds(60)).exit_code, 130);
  EXPECT_TRUE(Eventually([&] { return !IsRunning(marker); }));
}

TEST_F(FaultsTest, CtrlCDuringTheHealthWaitKeepsWhatIsUp) {
  WriteService("app", R"(
compose:
  command: sleep 600
  healthcheck: {test: [CMD, "false"], interval: 1m}
  stop_grace_period: 0s
)");
  const auto up = StartNopo({"up"});
  ASSERT_TRUE(Eventually([&] {
    const auto containers = ContainersOf("app");
    return containers.size() == 1 && containers[0].state == ContainerState::kRunning;
  }));

  up->Signal(SIGINT);

  EXPECT_EQ(up->Wait(absl::Seconds(60)).exit_code, 130);
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

TEST_F(FaultsTest, AKilledCliCancelsItsOperation) {
  const std::string marker = absl::StrCat("32", ::getpid());
  WriteService("app", kSleeper, absl::StrCat("RUN sleep ", marker, "\n"));
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }));

  build->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return !IsRunning(marker); }));
}

TEST_F(FaultsTest, AKilledDaemonIsFollowedByAWorkingUp) {
  const std::string marker = absl::StrCat("33", ::getpid());
  WriteService("app", kSleeper, absl::StrCat("RUN sleep ", marker, "\n"));
  const auto up = StartNopo({"up"});
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }));

  ASSERT_EQ(::kill(DaemonPid(), SIGKILL), 0);

  const ProcessOutcome lost = up->Wait(absl::Seconds(60));
  EXPECT_NE(lost.exit_code, 0);
  EXPECT_THAT(lost.err, HasSubstr("daemon"));
  WriteService("app", kSleeper);
  const ProcessOutcome again = Nopo({"up"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

}  // namespace
}  // namespace nopo
