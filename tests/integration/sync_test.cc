// Dependency sync of `nopo up`: the managers are shell commands that do as real ones do, with a
// cache and with what stands for a registry: the network.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kVolume[] = "nopo_base_cache";
// Online it fills its cache, if it has a network; offline it needs it filled.
constexpr char kManager[] = R"(sync:
  - name: fake
    lockfiles: [fake.lock]
    offline: 'test -e /cache/fake/$(cat fake.lock) || { echo not in the cache >&2; exit 3; }; echo offline >> runs'
    online: 'ip route | grep -q default; touch /cache/fake/$(cat fake.lock); echo online >> runs'
    cache: /cache/fake
)";

class SyncTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    RemoveVolume();
    WriteRoot(kManager);
    Write("fake.lock", "one\n");
    Write("apps/web/nopo.yml",
          "infrastructure: {}\ncompose: {command: sleep 600, stop_grace_period: 0s}\n");
  }
  void TearDown() override {
    NopoTest::TearDown();
    if (!IsSkipped()) RemoveVolume();
  }

  void RemoveVolume() {
    const absl::Status removed = engine().RemoveVolume(kVolume, never());
    EXPECT_TRUE(removed.ok() || absl::IsNotFound(removed)) << removed;
  }
  ProcessOutcome Up(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "up");
    return Nopo(arguments);
  }
  std::string CacheStatus(const std::string& key) {
    return Nopo({"status", "--jq", absl::StrCat(".cache.", key)}).out;
  }
};

TEST_F(SyncTest, StandsInThePlanBetweenTheBaseImageAndWhatRunsOnIt) {
  WriteService("own", "");

  EXPECT_EQ(Up({"--dry-run"}).out,
            "Stage 1: [own:build, root:build]\nStage 2: [own:start, root:sync]\n"
            "Stage 3: [web:start]\n");
  EXPECT_THAT(Up({"--dry-run", "--sync=skip"}).out, Not(HasSubstr("root:sync")));
}

TEST_F(SyncTest, GoesOnlineOnceAndIsSkippedWhileNothingChanges) {
  const ProcessOutcome first = Up();
  const ProcessOutcome second = Up();

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("fake: going online, the cache is empty"));
  EXPECT_EQ(Read("runs"), "online\n");
  EXPECT_THAT(second.err, HasSubstr("[root:sync] up to date: dependencies unchanged"));
  EXPECT_THAT(second.err, HasSubstr("nothing changed"));
  EXPECT_EQ(CacheStatus("state"), "\"warm\"\n");
  EXPECT_EQ(CacheStatus("mode"), "\"online\"\n");
}

TEST_F(SyncTest, TriesOfflineFirstAndSaysWhyItGoesOnline) {
  ASSERT_EQ(Up().exit_code, 0);
  Write("fake.lock", "two\n");

  const ProcessOutcome unknown = Up();
  EXPECT_EQ(unknown.exit_code, 0) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("fake: going online, offline failed: not in the cache"));

  Write("fake.lock", "one\n");
  EXPECT_EQ(CacheStatus("state"), "\"stale\"\n");
  const ProcessOutcome known = Up();
  EXPECT_EQ(known.exit_code, 0) << known.err;
  EXPECT_EQ(Read("runs"), "online\nonline\noffline\n");
  EXPECT_EQ(CacheStatus("mode"), "\"offline\"\n");
}

TEST_F(SyncTest, NoticesThatTheVolumeWasRemoved) {
  ASSERT_EQ(Up().exit_code, 0);
  RemoveVolume();
  EXPECT_EQ(CacheStatus("state"), "\"absent\"\n");

  const ProcessOutcome up = Up();

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(Read("runs"), "online\nonline\n");
}

TEST_F(SyncTest, OfflineNeverTouchesTheNetwork) {
  WriteRoot(R"(sync:
  - name: fake
    lockfiles: [fake.lock]
    offline: '! ip route | grep -q default && ! ip addr | grep -q eth0'
    online: 'ip route | grep -q default'
)");
  EXPECT_EQ(Up({"--sync=offline"}).exit_code, 0);
  EXPECT_EQ(Up({"--sync=online"}).exit_code, 0);
}

TEST_F(SyncTest, OfflineFailsClearlyWhereTheCacheIsNotEnough) {
  const ProcessOutcome up = Up({"--sync=offline"});

  EXPECT_EQ(up.exit_code, 3);  // The command's own.
  EXPECT_THAT(up.err, AllOf(HasSubstr("error: root:sync: fake: exited with code 3"),
                            HasSubstr("not in the cache"), HasSubstr("--sync=offline"),
                            HasSubstr("[web:start] skipped: root:sync failed")));
  EXPECT_TRUE(ContainersOf("web").empty());
}

TEST_F(SyncTest, OnlineIsAskedForEvenWhenNothingChanged) {
  ASSERT_EQ(Up().exit_code, 0);
  ASSERT_EQ(Up({"--sync=online"}).exit_code, 0);
  EXPECT_EQ(Read("runs"), "online\nonline\n");
}

TEST_F(SyncTest, BuildWithoutCacheForgetsWhatWasSynced) {
  ASSERT_EQ(Up().exit_code, 0);
  ASSERT_EQ(Nopo({"build", "root", "--no-cache"}).exit_code, 0);

  ASSERT_EQ(Up().exit_code, 0);

  EXPECT_EQ(Read("runs"), "online\noffline\n");
}

TEST_F(SyncTest, AFailedManagerIsRunAgain) {
  WriteRoot("sync: [{name: fake, lockfiles: [fake.lock], online: 'test -e mended'}]\n");
  EXPECT_EQ(Up().exit_code, 1);
  Write("mended", "");
  EXPECT_EQ(Up().exit_code, 0);
}

TEST_F(SyncTest, ADeclaredManagersOwnExitCodeIsAFailureWhateverItIs) {
  WriteRoot("sync: [{name: fake, lockfiles: [fake.lock], online: 'exit 117'}]\n");
  EXPECT_EQ(Up().exit_code, 117);
}

TEST_F(SyncTest, ADeclaredManagerWithoutABaseImageIsTold) {
  Write("nopo.yml", absl::StrCat("name: ", slug(), "\n", kManager));
  Write("apps/web/nopo.yml", "image: x\n");

  const ProcessOutcome up = Up();

  EXPECT_EQ(up.exit_code, 4);
  EXPECT_THAT(up.err, HasSubstr("os.base.image"));
}

TEST_F(SyncTest, RunsManagersSideBySide) {
  // Each waits for the other: one after the other they would never end.
  const auto manager = [](const std::string& name, const std::string& other) {
    return absl::StrCat("  - name: ", name, "\n    lockfiles: [fake.lock]\n    online: 'touch ",
                        name, "; until test -e ", other, "; do sleep 0.1; done; echo met ", other,
                        "'\n");
  };
  WriteRoot(absl::StrCat("sync:\n", manager("left", "right"), manager("right", "left")));

  const ProcessOutcome up = Up();

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(absl::StrCat(up.out, up.err),
              AllOf(HasSubstr("left: met right"), HasSubstr("right: met left")));
}

TEST_F(SyncTest, WhatIsWrittenBelongsToTheOwnerOfTheProject) {
  ASSERT_EQ(::chown(project().c_str(), 4321, 4322), 0);

  ASSERT_EQ(Up().exit_code, 0);

  EXPECT_EQ(Run({"stat", "-c", "%u:%g", (project() / "runs").string()}).out, "4321:4322\n");
}

TEST_F(SyncTest, AFoundLockfileWithoutItsProgramInTheImageIsToldOf) {
  WriteRoot();
  Write("Cargo.lock", "");

  const ProcessOutcome first = Up();
  const ProcessOutcome second = Up();

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("Cargo.lock is there, but the base image has no cargo"));
  EXPECT_THAT(second.err, HasSubstr("nothing changed"));
}

TEST_F(SyncTest, WhatWasInstalledAndRemovedIsInstalledAgain) {
  WriteRoot();
  Write("pnpm-lock.yaml", "");
  Write("pnpm", "#!/bin/sh\nmkdir -p node_modules\n");
  Write("nopo/docker/Dockerfile",
        absl::StrCat("FROM ", image(), "\nCOPY pnpm /bin/pnpm\nRUN chmod +x /bin/pnpm\n"));
  ASSERT_EQ(Up().exit_code, 0);
  EXPECT_THAT(Up().err, HasSubstr("nothing changed"));
  ASSERT_TRUE(std::filesystem::remove(project() / "node_modules"));

  const ProcessOutcome up = Up();

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_TRUE(std::filesystem::exists(project() / "node_modules"));
}

TEST_F(SyncTest, AnEmptyListTurnsItOff) {
  WriteRoot("sync: []\n");
  Write("Cargo.lock", "");

  EXPECT_THAT(Up({"--dry-run"}).out, Not(HasSubstr("root:sync")));
}

TEST_F(SyncTest, CommandsInTheBaseImageWaitForIt) {
  WriteRoot(absl::StrCat(kManager, "root_name: workspace\n"));
  Write("apps/db/nopo.yml",
        "infrastructure: {}\ncommands: {migrate: cat runs}\n"
        "compose: {command: sleep 600, stop_grace_period: 0s}\n");
  Write("apps/web/nopo.yml",
        "infrastructure: {depends_on: {db: [migrate]}}\n"
        "compose: {command: sleep 600, stop_grace_period: 0s}\n");

  EXPECT_EQ(Up({"--dry-run"}).out,
            "Stage 1: [workspace:build]\nStage 2: [workspace:sync]\nStage 3: [db:start]\n"
            "Stage 4: [db:migrate]\nStage 5: [web:start]\n");
}

TEST_F(SyncTest, WatchSyncsWhenTheLockfileChanges) {
  ASSERT_EQ(Up().exit_code, 0);
  Settle();
  const auto watch = StartNopo({"watch"});
  ASSERT_TRUE(Eventually([&] { return watch->Output().find("\nwatching ") != std::string::npos; }));

  Write("fake.lock", "two\n");

  EXPECT_TRUE(Eventually([&] { return Read("runs") == "online\nonline\n"; })) << watch->Output();
  watch->Signal(SIGINT);
  watch->Wait(absl::Seconds(60));
}

}  // namespace
}  // namespace nopo
