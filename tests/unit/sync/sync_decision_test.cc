#include "daemon/sync/sync_decision.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/error.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

DependencyManager Pnpm() {
  return {.name = "pnpm", .lockfiles = {"lock"}, .offline = "pnpm i --offline", .online = "pnpm i"};
}

BuildRecord RecordOf(const std::string& fingerprint) {
  return {.fingerprint = fingerprint, .result = std::string(kSyncedOnline)};
}

SyncDecision Decide(const DependencyManager& manager, SyncMode mode,
                    const std::optional<BuildRecord>& record = std::nullopt,
                    bool volume_is_empty = false) {
  const auto decision = DecideSync(manager, mode, record, "f1", volume_is_empty);
  EXPECT_TRUE(decision.ok()) << decision.status();
  return decision.value_or(SyncDecision());
}

TEST(DecideSyncTest, LeavesAloneWhatIsAsItWasSynced) {
  EXPECT_TRUE(Decide(Pnpm(), SyncMode::kAuto, RecordOf("f1")).up_to_date);
  EXPECT_TRUE(Decide(Pnpm(), SyncMode::kOffline, RecordOf("f1")).up_to_date);
  EXPECT_FALSE(Decide(Pnpm(), SyncMode::kAuto, RecordOf("f0")).up_to_date);
  EXPECT_FALSE(Decide(Pnpm(), SyncMode::kAuto).up_to_date);
}

TEST(DecideSyncTest, TriesOfflineFirst) {
  const SyncDecision decision = Decide(Pnpm(), SyncMode::kAuto);

  EXPECT_TRUE(decision.tries_offline);
  EXPECT_TRUE(decision.tries_online);
}

TEST(DecideSyncTest, GoesOnlineAtOnceWhereOfflineCannotHelp) {
  const SyncDecision empty = Decide(Pnpm(), SyncMode::kAuto, std::nullopt, /*empty=*/true);
  EXPECT_FALSE(empty.tries_offline);
  EXPECT_EQ(empty.why_not_offline, "the cache is empty");

  DependencyManager online_only = Pnpm();
  online_only.offline = "";
  const SyncDecision decision = Decide(online_only, SyncMode::kAuto);
  EXPECT_FALSE(decision.tries_offline);
  EXPECT_EQ(decision.why_not_offline, "it has no offline command");
}

TEST(DecideSyncTest, StaysOfflineWhereThereIsNoOtherWay) {
  DependencyManager offline_only = Pnpm();
  offline_only.online = "";

  const SyncDecision decision = Decide(offline_only, SyncMode::kAuto, std::nullopt, /*empty=*/true);

  EXPECT_TRUE(decision.tries_offline);
  EXPECT_FALSE(decision.tries_online);
}

TEST(DecideSyncTest, DoesAsTheModeSays) {
  const SyncDecision offline = Decide(Pnpm(), SyncMode::kOffline, std::nullopt, /*empty=*/true);
  EXPECT_TRUE(offline.tries_offline);
  EXPECT_FALSE(offline.tries_online);

  const SyncDecision online = Decide(Pnpm(), SyncMode::kOnline, RecordOf("f1"));
  EXPECT_FALSE(online.up_to_date);
  EXPECT_FALSE(online.tries_offline);
  EXPECT_TRUE(online.tries_online);
  EXPECT_EQ(online.reason, "asked for");
}

TEST(DecideSyncTest, RefusesAModeThatTheManagerHasNoCommandFor) {
  DependencyManager online_only = Pnpm();
  online_only.offline = "";

  const absl::Status refused =
      DecideSync(online_only, SyncMode::kOffline, std::nullopt, "f1", false).status();

  EXPECT_EQ(ReasonOf(refused), Reason::kConfiguration);
  EXPECT_EQ(refused.message(), "--sync=offline: 'pnpm' has no `offline` command");
}

class SyncFingerprintTest : public testing::Test {
 protected:
  SyncFingerprintTest() {
    std::string name = (fs::temp_directory_path() / "nopo-sync-XXXXXX").native();
    root_ = ::mkdtemp(name.data());
    Write("one");
  }
  ~SyncFingerprintTest() override { fs::remove_all(root_); }

  void Write(const std::string& text) { std::ofstream(root_ / "lock") << text; }
  std::string Now(const DependencyManager& manager = Pnpm()) {
    const auto fingerprint = SyncFingerprint(root_, manager, ground_);
    EXPECT_TRUE(fingerprint.ok()) << fingerprint.status();
    return fingerprint.value_or("");
  }

  fs::path root_;
  SyncGround ground_{.image_id = "sha256:1", .volume_id = "v1"};
};

TEST_F(SyncFingerprintTest, FollowsTheLockfilesContent) {
  const std::string before = Now();
  Write("two");
  EXPECT_NE(Now(), before);
  Write("one");
  EXPECT_EQ(Now(), before);
  fs::remove(root_ / "lock");
  EXPECT_NE(Now(), before);
}

TEST_F(SyncFingerprintTest, FollowsImageVolumeAndCommands) {
  const std::string before = Now();
  ground_.image_id = "sha256:2";
  EXPECT_NE(Now(), before);
  ground_ = {.image_id = "sha256:1", .volume_id = "v2"};
  EXPECT_NE(Now(), before);
  ground_.volume_id = "v1";
  DependencyManager other = Pnpm();
  other.env["A"] = "b";
  EXPECT_NE(Now(other), before);
  EXPECT_EQ(Now(), before);
}

TEST_F(SyncFingerprintTest, TellsWhetherWhatWasInstalledIsThere) {
  DependencyManager manager = Pnpm();
  manager.installs = "node_modules";
  const std::string without = AsInstalled(Now(manager), root_, manager);

  fs::create_directory(root_ / "node_modules");

  EXPECT_NE(AsInstalled(Now(manager), root_, manager), without);
  EXPECT_EQ(AsInstalled(Now(), root_, Pnpm()), without) << "one that installs nowhere";
}

TEST_F(SyncFingerprintTest, RefusesWhatIsNoFile) {
  fs::remove(root_ / "lock");
  fs::create_directory(root_ / "lock");

  const absl::Status refused = SyncFingerprint(root_, Pnpm(), ground_).status();

  EXPECT_EQ(refused.message(), "lock: this is no file; expected a lockfile that can be read");
}

}  // namespace
}  // namespace nopo
