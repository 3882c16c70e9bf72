#include "daemon/state/build_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kScope[] = "/home/me/shop\nunix:///var/run/docker.sock";

class BuildHistoryTest : public ::testing::Test {
 protected:
  BuildHistoryTest() {
    std::string name = (std::filesystem::temp_directory_path() / "nopo-history-XXXXXX").string();
    dir_ = mkdtemp(name.data());
  }
  ~BuildHistoryTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path file() const { return dir_ / "history.sqlite"; }

  // Reasons of what is listed, or why nothing is.
  static std::vector<std::string> Reasons(BuildHistory& history,
                                          const std::set<std::string>& targets,
                                          const std::string& scope = kScope, int limit = 100) {
    const auto entries = history.List(scope, targets, limit);
    if (!entries.ok()) return {entries.status().ToString()};
    std::vector<std::string> reasons;
    for (const BuildHistoryEntry& entry : *entries) reasons.push_back(entry.reason);
    return reasons;
  }

  std::filesystem::path dir_;
};

BuildHistoryEntry EntryOf(const std::string& target, const std::string& reason) {
  return {.target = target, .outcome = "built", .reason = reason};
}

TEST_F(BuildHistoryTest, IsEmptyAtFirstAndMakesNoFileUntilItIsAsked) {
  BuildHistory history(file());
  EXPECT_FALSE(std::filesystem::exists(file()));

  EXPECT_THAT(Reasons(history, {}), IsEmpty());
}

TEST_F(BuildHistoryTest, KeepsAllThatIsSaidOfABuildAlsoAfterARestart) {
  const BuildHistoryEntry entry{.target = "web",
                                .tag = "shop-web:local",
                                .started = absl::FromUnixSeconds(7),
                                .duration = absl::Milliseconds(1500),
                                .outcome = "failed",
                                .reason = "apps/web/a.ts changed",
                                .error = "exit code: 1",
                                .steps = 5,
                                .cached_steps = 3,
                                .bytes_sent = 4096,
                                .image_bytes = 5LL << 30,
                                .image_id = "sha256:aa"};
  ASSERT_EQ(BuildHistory(file()).Append(kScope, entry), absl::OkStatus());
  BuildHistory reopened(file());

  const auto entries = reopened.List(kScope, {"web"}, 1);

  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_THAT(*entries, SizeIs(1));
  const BuildHistoryEntry& kept = entries->front();
  EXPECT_EQ(kept.tag, entry.tag);
  EXPECT_EQ(kept.started, entry.started);
  EXPECT_EQ(kept.duration, entry.duration);
  EXPECT_EQ(kept.outcome, entry.outcome);
  EXPECT_EQ(kept.reason, entry.reason);
  EXPECT_EQ(kept.error, entry.error);
  EXPECT_EQ(kept.steps, entry.steps);
  EXPECT_EQ(kept.cached_steps, entry.cached_steps);
  EXPECT_EQ(kept.bytes_sent, entry.bytes_sent);
  EXPECT_EQ(kept.image_bytes, entry.image_bytes);
  EXPECT_EQ(kept.image_id, entry.image_id);
}

TEST_F(BuildHistoryTest, ListsTheNewestFirstOfOneTargetOrAll) {
  BuildHistory history(file());
  ASSERT_TRUE(history.Append(kScope, EntryOf("web", "first")).ok());
  ASSERT_TRUE(history.Append(kScope, EntryOf("api", "second")).ok());
  ASSERT_TRUE(history.Append(kScope, EntryOf("web", "third")).ok());

  EXPECT_THAT(Reasons(history, {"web"}), ElementsAre("third", "first"));
  EXPECT_THAT(Reasons(history, {}), ElementsAre("third", "second", "first"));
  EXPECT_THAT(Reasons(history, {}, kScope, 2), ElementsAre("third", "second"));
}

TEST_F(BuildHistoryTest, TellsScopesApart) {
  BuildHistory history(file());
  ASSERT_TRUE(history.Append("/other\nunix:///x", EntryOf("web", "theirs")).ok());

  EXPECT_THAT(Reasons(history, {"web"}), IsEmpty());
}

TEST_F(BuildHistoryTest, KeepsTheLatestThousandOfAScope) {
  BuildHistory history(file());
  ASSERT_TRUE(history.Append("/other\nunix:///x", EntryOf("web", "theirs")).ok());
  for (int i = 0; i <= 1000; ++i) {
    ASSERT_TRUE(history.Append(kScope, EntryOf("web", absl::StrCat(i))).ok());
  }

  const std::vector<std::string> kept = Reasons(history, {"web"}, kScope, 5000);

  EXPECT_THAT(kept, SizeIs(1000));
  EXPECT_EQ(kept.back(), "1");
  EXPECT_THAT(Reasons(history, {"web"}, "/other\nunix:///x"), ElementsAre("theirs"));
}

TEST_F(BuildHistoryTest, FindsTheInputsOfTheLastBuild) {
  BuildHistory history(file());
  ASSERT_TRUE(history.RecordInputs(kScope, "web:build", {"aa", "file a\n"}).ok());
  ASSERT_TRUE(history.RecordInputs(kScope, "web:build", {"bb", "file b\n"}).ok());

  const auto found = history.FindInputs(kScope, "web:build");

  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->fingerprint, "bb");
  EXPECT_EQ((*found)->inputs, "file b\n");
}

TEST_F(BuildHistoryTest, KnowsNoInputsOfWhatWasNeverBuilt) {
  BuildHistory history(file());
  ASSERT_TRUE(history.RecordInputs(kScope, "web:build", {"aa", "file a\n"}).ok());

  EXPECT_FALSE(history.FindInputs(kScope, "api:build").value().has_value());
}

TEST_F(BuildHistoryTest, ADamagedFileIsSetAsideAndBegunAnew) {
  std::ofstream(file()) << std::string(8192, 'x');
  BuildHistory history(file());

  EXPECT_TRUE(history.Append(kScope, EntryOf("web", "first")).ok());
  EXPECT_THAT(Reasons(history, {"web"}), ElementsAre("first"));
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".set-aside"));
}

TEST_F(BuildHistoryTest, WithoutAPlaceToKeepItEveryAnswerSaysSo) {
  BuildHistory history(dir_ / "missing" / "history.sqlite");

  EXPECT_FALSE(history.Append(kScope, EntryOf("web", "first")).ok());
  EXPECT_FALSE(history.List(kScope, {"web"}, 1).ok());
  EXPECT_FALSE(history.FindInputs(kScope, "web:build").ok());
}

}  // namespace
}  // namespace nopo
