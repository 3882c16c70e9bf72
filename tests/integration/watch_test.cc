// `nopo watch` while somebody edits.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLimit = absl::Seconds(60);

// A service that stands for the content of a file of its context.
constexpr char kSleeper[] = "compose: {command: sleep 600, stop_grace_period: 0s, init: true}\n";
constexpr char kCopiesContent[] = "COPY content /content\n";

int Occurrences(const std::string& text, const std::string& of) {
  int count = 0;
  for (size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + of.size())) {
    ++count;
  }
  return count;
}

class WatchTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }

  void WriteCopier(const std::string& name) {
    WriteService(name, kSleeper, kCopiesContent);
    Write(absl::StrCat("apps/", name, "/content"), "first");
  }

  // Watches, and waits until the first round is over.
  TestProcess& Watch(std::vector<std::string> arguments = {}) {
    Settle();  // What was written this very moment counts as changed.
    arguments.insert(arguments.begin(), "watch");
    watch_ = StartNopo(arguments);
    EXPECT_TRUE(AwaitRounds(1)) << watch_->Output();
    return *watch_;
  }
  int Rounds() { return Occurrences(watch_->Output(), "\nwatching "); }
  bool AwaitRounds(int count) {
    return Eventually([&] { return Rounds() >= count; }, kLimit);
  }
  std::string Output() { return watch_->Output(); }

  std::string ContentIn(const std::string& service) {
    return Run({"docker", "exec", absl::StrCat(slug(), "-", service, "-1"), "cat", "/content"}).out;
  }
  // How many operations the daemon runs.
  std::string DaemonStatus() { return Nopo({"daemon", "status"}).out; }

  // What is done to `path` begins a round of its own; when that is over, so are all that were begun
  // before.
  void AwaitRoundOf(const std::string& path) {
    const int rounds = Rounds();
    Write(path, absl::StrCat("now ", rounds, "\n"));
    ASSERT_TRUE(watch_->WaitForOutput(absl::StrCat("changed: ", path), kLimit)) << Output();
    ASSERT_TRUE(AwaitRounds(rounds + 1)) << Output();
  }

  std::unique_ptr<TestProcess> watch_;
};

TEST_F(WatchTest, TheFirstRoundBringsUp) {
  WriteCopier("web");

  TestProcess& watch = Watch();

  EXPECT_EQ(ContentIn("web"), "first");
  EXPECT_THAT(watch.Output(), HasSubstr("watching 1 target for changes (Ctrl-C to end)\n"));
}

TEST_F(WatchTest, AnEditRebuildsAndReplacesOnlyItsService) {
  WriteCopier("web");
  WriteCopier("other");
  Watch();
  const std::string other = ContainerOf("other").id;

  Write("apps/web/content", "second");

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_EQ(ContentIn("web"), "second");
  EXPECT_EQ(ContainerOf("other").id, other);
  EXPECT_THAT(Output(), HasSubstr("changed: apps/web/content\n"));
}

TEST_F(WatchTest, AnEditOfAnIgnoredFileDoesNothing) {
  WriteCopier("web");
  Write("apps/web/.dockerignore", "*.log\ncache\n");
  Write("apps/web/cache/a", "first");
  Watch();

  Write("apps/web/today.log", "a line");
  Write("apps/web/cache/a", "second");
  Write("apps/web/.content.swp", "an editor's own");

  AwaitRoundOf("apps/web/content");
  EXPECT_EQ(Rounds(), 2) << Output();
}

TEST_F(WatchTest, ABurstOfEditsEndsWithTheNewestContent) {
  WriteCopier("web");
  Watch();

  for (int i = 0; i <= 200; ++i) Write("apps/web/content", absl::StrCat("edit ", i));
  for (int i = 0; i <= 20; ++i) Write(absl::StrCat("apps/web/file", i), "new");

  EXPECT_TRUE(Eventually([&] { return ContentIn("web") == "edit 200"; }, kLimit)) << Output();
  EXPECT_LT(Rounds(), 5) << Output();
  EXPECT_THAT(Output(), HasSubstr(" more\n"));
}

TEST_F(WatchTest, AnEditInTheMiddleOfARoundBeginsAnotherOne) {
  const std::string marker = absl::StrCat("1.3", ::getpid());
  WriteService("web", kSleeper, absl::StrCat("COPY content /content\nRUN sleep ", marker, "\n"));
  Write("apps/web/content", "first");
  Watch();
  Write("apps/web/content", "second");
  ASSERT_TRUE(watch_->WaitForOutput("changed: apps/web/content", kLimit));
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }, kLimit)) << Output();

  Write("apps/web/content", "third");

  EXPECT_TRUE(AwaitRounds(3)) << Output();
  EXPECT_EQ(ContentIn("web"), "third");
}

TEST_F(WatchTest, AnEditOfADockerfileOrItsIgnoreFileCounts) {
  WriteCopier("web");
  Watch();

  WriteService("web", kSleeper, "COPY content /content\nRUN echo more >/more\n");
  ASSERT_TRUE(watch_->WaitForOutput("changed: apps/web/Dockerfile", kLimit)) << Output();
  ASSERT_TRUE(AwaitRounds(2)) << Output();
  Write("apps/web/.dockerignore", "*.log\n");

  EXPECT_TRUE(watch_->WaitForOutput("changed: apps/web/.dockerignore", kLimit)) << Output();
}

TEST_F(WatchTest, ABuildThatFailsIsToldAndTheNextEditTriesAgain) {
  WriteCopier("web");
  Watch();
  const std::string before = ContainerOf("web").id;

  WriteService("web", kSleeper, "RUN exit 3\n");
  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_THAT(Output(), HasSubstr("error: web:build"));
  EXPECT_EQ(ContainerOf("web").id, before);
  WriteService("web", kSleeper, "RUN exit 0\n");

  ASSERT_TRUE(AwaitRounds(3)) << Output();
  EXPECT_NE(ContainerOf("web").id, before);
}

TEST_F(WatchTest, AServiceThatExitsIsToldAndTheNextEditTriesAgain) {
  WriteService("web", "compose: {command: sh /run.sh, stop_grace_period: 0s, init: true}\n",
               "COPY run.sh /run.sh\n");
  Write("apps/web/run.sh", "echo no luck; exit 3\n");
  Watch();
  EXPECT_THAT(Output(), HasSubstr("error: web:start"));
  EXPECT_THAT(Output(), HasSubstr("no luck"));

  Write("apps/web/run.sh", "sleep 600\n");

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_EQ(ContainerOf("web").state, ContainerState::kRunning);
}

TEST_F(WatchTest, ABrokenConfigurationIsToldAndRepairedByTheNextEdit) {
  WriteCopier("web");
  Watch();

  Write("apps/web/nopo.yml", "compose: {command: [\n");
  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_THAT(Output(), HasSubstr("error: apps/web/nopo.yml:"));
  Write("apps/web/nopo.yml", std::string(kSleeper) + "infrastructure: {memory: 64Mi}\n");

  ASSERT_TRUE(AwaitRounds(3)) << Output();
  EXPECT_THAT(Output(), HasSubstr("[web:start] recreated"));
}

TEST_F(WatchTest, AConfigurationThatIsBrokenFromTheStartIsRepairedToo) {
  Write("nopo.yml", "name: [\n");
  WriteCopier("web");
  Watch();
  EXPECT_THAT(Output(), HasSubstr("error: nopo.yml:"));

  WriteRoot();

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_EQ(ContentIn("web"), "first");
}

TEST_F(WatchTest, ANewServiceIsBroughtUpAndARemovedOneGoes) {
  WriteCopier("web");
  Watch();

  WriteCopier("late");

  ASSERT_TRUE(Eventually([&] { return ContainersOf("late").size() == 1; }, kLimit)) << Output();
  std::filesystem::remove_all(project() / "apps/late");
  EXPECT_TRUE(Eventually([&] { return ContainersOf("late").empty(); }, kLimit)) << Output();
  EXPECT_EQ(ContainersOf("web").size(), 1);
}

TEST_F(WatchTest, AnEditOfANewServiceCounts) {
  WriteCopier("web");
  Watch();
  WriteCopier("late");
  ASSERT_TRUE(Eventually([&] { return ContainersOf("late").size() == 1; }, kLimit)) << Output();

  Write("apps/late/content", "second");

  EXPECT_TRUE(Eventually([&] { return ContentIn("late") == "second"; }, kLimit)) << Output();
}

TEST_F(WatchTest, VariablesOfDotenvCountAndWhatNopoWritesThereDoesNot) {
  WriteService("web",
               "compose: {command: sleep 600, stop_grace_period: 0s, init: true,"
               " environment: [MOOD]}\n");
  Write(".env", "MOOD=calm\n");
  Watch();
  EXPECT_THAT(Read(".env"), HasSubstr("# nopo: begin"));

  Write(".env", absl::StrCat("# a comment changes nothing\n", Read(".env")));
  Write(".env", absl::StrCat("MOOD=merry\n", Read(".env").substr(Read(".env").find("# nopo:"))));

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_THAT(Output(), HasSubstr("changed: .env\n"));
  EXPECT_THAT(Run({"docker", "exec", slug() + "-web-1", "env"}).out, HasSubstr("MOOD=merry"));
}

TEST_F(WatchTest, OnlyWhatTheTargetsNeedIsWatched) {
  WriteCopier("db");
  WriteService("web", std::string("dependencies: [db]\n") + kSleeper, kCopiesContent);
  Write("apps/web/content", "first");
  WriteCopier("other");
  Watch({"web"});
  EXPECT_THAT(Output(), HasSubstr("watching 2 targets for changes"));

  Write("apps/other/content", "second");
  WriteService("other", kSleeper, "COPY content /elsewhere\n");

  AwaitRoundOf("apps/db/content");
  EXPECT_EQ(Rounds(), 2) << Output();
  EXPECT_TRUE(ContainersOf("other").empty());
}

TEST_F(WatchTest, NoDepsLeavesDependenciesAlone) {
  WriteCopier("db");
  WriteService("web", std::string("dependencies: [db]\n") + kSleeper, kCopiesContent);
  Write("apps/web/content", "first");

  Watch({"web", "--no-deps"});

  EXPECT_TRUE(ContainersOf("db").empty());
  EXPECT_EQ(ContainersOf("web").size(), 1);
}

TEST_F(WatchTest, BuildCountsForTheFirstRoundOnly) {
  WriteCopier("web");
  WriteCopier("other");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  Watch({"--build"});
  EXPECT_THAT(Output(), Not(HasSubstr("[other:build] up to date: inputs unchanged")));

  Write("apps/web/content", "second");

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_THAT(Output(), HasSubstr("[other:build] up to date: inputs unchanged"));
}

TEST_F(WatchTest, BuildOfAReleasedVersionGoesOnBuilding) {
  WriteCopier("web");
  environment()["DOCKER_VERSION"] = "v1";
  Watch({"--build"});

  Write("apps/web/content", "second");

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_EQ(ContentIn("web"), "second");
}

class WatchedPackageTest : public WatchTest {
 protected:
  // A package that web's image has; its build writes dist/, and `more` besides.
  void WritePackage(const std::string& output, const std::string& more = "") {
    WriteRoot("services: {dirs: [apps, libs]}\n");
    Write(
        "libs/shared/nopo.yml",
        absl::StrCat("build:\n  command: mkdir -p dist; cp src dist/built; ", more, "\n", output));
    Write("libs/shared/src", "first");
    WriteService("web", std::string("dependencies: [shared]\nbuild: {context: root}\n") + kSleeper,
                 "COPY libs/shared/dist/built /content\n");
    Write(".dockerignore", "**\n!libs\n");
  }
};

TEST_F(WatchedPackageTest, ThatWritesItsOutputsDoesNotLoop) {
  WritePackage("  output: [dist]\n");
  Watch();

  Write("libs/shared/src", "second");

  ASSERT_TRUE(AwaitRounds(2)) << Output();
  EXPECT_EQ(ContentIn("web"), "second");
  AwaitRoundOf("libs/shared/more");
  EXPECT_EQ(Rounds(), 3) << Output();
}

// One that names no outputs runs in every round.
TEST_F(WatchedPackageTest, ThatNamesNoOutputsDoesNotLoop) {
  WritePackage("");
  Watch();
  ASSERT_TRUE(AwaitRounds(2)) << Output();

  Write("libs/shared/src", "second");

  ASSERT_TRUE(AwaitRounds(4)) << Output();
  EXPECT_EQ(ContentIn("web"), "second");
  AwaitRoundOf("libs/shared/more");
  EXPECT_EQ(Rounds(), 5) << Output();
}

TEST_F(WatchedPackageTest, ThatNamesNoOutputsDoesNotKeepTwoWatchesGoing) {
  WritePackage("");
  const auto other = StartNopo({"watch"});
  Watch();

  for (int i = 0; i < 4; ++i) {
    const int rounds = Rounds();
    Write(absl::StrCat("libs/shared/more", i), "new");
    ASSERT_TRUE(AwaitRounds(rounds + 1)) << Output();
  }
  AwaitRoundOf("libs/shared/last");

  // Each edit begins a round, and what each watch's first runs of the command wrote some more.
  EXPECT_LE(Rounds(), 10) << Output();
}

TEST_F(WatchedPackageTest, ThatWritesAnotherThingEachTimeIsGivenUp) {
  WritePackage("  output: [dist]\n", "cat /proc/sys/kernel/random/uuid >stamp");

  Watch();

  EXPECT_TRUE(watch_->WaitForOutput(
      "libs/shared/stamp changes whenever commands of the project run", kLimit))
      << Output();
  const int rounds = Rounds();
  AwaitRoundOf("libs/shared/src");
  EXPECT_EQ(Rounds(), rounds + 1) << Output();
}

TEST_F(WatchTest, CtrlCEndsItAndServicesStayUp) {
  WriteCopier("web");
  Watch();

  watch_->Signal(SIGINT);

  EXPECT_EQ(watch_->Wait(kLimit).exit_code, 130);
  EXPECT_EQ(ContainerOf("web").state, ContainerState::kRunning);
}

TEST_F(WatchTest, CtrlCInTheMiddleOfARoundCancelsIt) {
  WriteCopier("web");
  Watch();
  const std::string marker = absl::StrCat("34", ::getpid());
  WriteService("web", kSleeper, absl::StrCat("RUN sleep ", marker, "\n"));
  ASSERT_TRUE(Eventually([&] { return IsRunning(marker); }, kLimit)) << Output();

  watch_->Signal(SIGINT);

  const ProcessOutcome outcome = watch_->Wait(kLimit);
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, HasSubstr("[web:build] cancelled"));
  EXPECT_TRUE(Eventually([&] { return !IsRunning(marker); }));
}

TEST_F(WatchTest, AKilledCliEndsItInTheDaemon) {
  WriteCopier("web");
  Watch();
  EXPECT_THAT(DaemonStatus(), HasSubstr("1 operation(s)"));

  watch_->Signal(SIGKILL);

  EXPECT_TRUE(
      Eventually([&] { return DaemonStatus().find("0 operation(s)") != std::string::npos; }));
}

TEST_F(WatchTest, OtherCommandsGetTheirTurnMeanwhile) {
  WriteCopier("web");
  WriteCopier("other");
  Watch({"web"});

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(up.err, Not(HasSubstr("of this project to end")));
  EXPECT_EQ(ContainersOf("other").size(), 1);
}

TEST_F(WatchTest, SeveralOfOneProjectAllSeeTheirChanges) {
  WriteCopier("web");
  WriteCopier("other");
  const auto first = StartNopo({"watch", "other"});
  ASSERT_TRUE(first->WaitForOutput("watching 1 target", kLimit));
  Watch();

  Write("apps/other/content", "second");

  EXPECT_TRUE(first->WaitForOutput("changed: apps/other/content", kLimit));
  EXPECT_TRUE(watch_->WaitForOutput("changed: apps/other/content", kLimit));
  EXPECT_TRUE(Eventually([&] { return ContentIn("other") == "second"; }, kLimit));
}

TEST_F(WatchTest, WhatNoEditRepairsEndsTheFirstRound) {
  WriteCopier("web");

  EXPECT_EQ(Nopo({"watch", "nosuch"}).exit_code, 3);
  environment()["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  EXPECT_EQ(Nopo({"watch"}).exit_code, 5);
}

TEST_F(WatchTest, WhatCannotBeWatchedIsSaidAndEndsIt) {
  WriteService("web", std::string(kSleeper) + "build: {context: /proc/self/fdinfo}\n");

  const ProcessOutcome watched = Nopo({"watch"});

  EXPECT_EQ(watched.exit_code, 1) << watched.err;
  EXPECT_THAT(watched.err, HasSubstr("/proc/self/fdinfo cannot be watched: its file system does"));
}

TEST_F(WatchTest, ADryRunPrintsThePlanOfTheFirstRound) {
  WriteCopier("web");

  const ProcessOutcome dry = Nopo({"watch", "--dry-run"});

  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.out, "Stage 1: [web:build]\nStage 2: [web:start]\n");
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(WatchTest, JsonProgressTellsRoundAfterRound) {
  WriteCopier("web");
  watch_ = StartNopo({"watch", "--progress=json"});
  ASSERT_TRUE(watch_->WaitForOutput(R"("round_ended":{"targets":1})", kLimit)) << Output();

  Write("apps/web/content", "second");

  EXPECT_TRUE(Eventually([&] { return Occurrences(Output(), R"("round_ended")") == 2; }, kLimit));
  EXPECT_EQ(Occurrences(Output(), R"("plan_ready")"), 2);
  EXPECT_EQ(Occurrences(Output(), R"("result_ready")"), 2);
}

}  // namespace
}  // namespace nopo
