#include "daemon/watch/change_wait.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace nopo {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

TEST(ChangeBurstTest, IsOverWhenNothingHasComeForAMoment) {
  ChangeBurst burst(kStart);

  EXPECT_EQ(burst.Left(kStart), ChangeBurst::kQuiet);
  EXPECT_EQ(burst.Left(kStart + ChangeBurst::kQuiet), absl::ZeroDuration());
  EXPECT_EQ(burst.Left(kStart + absl::Hours(1)), absl::ZeroDuration());
}

TEST(ChangeBurstTest, LastsAsLongAsChangesFollowEachOther) {
  ChangeBurst burst(kStart);

  burst.Add(kStart + absl::Milliseconds(90));

  EXPECT_EQ(burst.Left(kStart + absl::Milliseconds(150)), absl::Milliseconds(40));
}

TEST(ChangeBurstTest, OfWhatNeverRestsIsOverAfterAWhile) {
  ChangeBurst burst(kStart);

  burst.Add(kStart + ChangeBurst::kLongest - absl::Milliseconds(1));

  EXPECT_EQ(burst.Left(kStart + ChangeBurst::kLongest - absl::Milliseconds(1)),
            absl::Milliseconds(1));
}

class ChangeWaitTest : public ::testing::Test {
 protected:
  ChangeWaitTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nopo-cw-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~ChangeWaitTest() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<TreeWatch> Watch(ChangeBell& bell) {
    std::unique_ptr<TreeWatch> tree = watcher_.Begin(dir_, &bell);
    tree->AddDirectory("");
    return tree;
  }
  void Touch(const std::string& name) { std::ofstream(dir_ / name) << "x"; }

  std::filesystem::path dir_;
  TreeWatcher watcher_{1000};
  ChangeBell bell_;
  Cancellation cancellation_;
};

TEST_F(ChangeWaitTest, EndsAfterAChange) {
  const auto tree = Watch(bell_);
  std::thread editor([&] { Touch("a.txt"); });

  EXPECT_TRUE(WaitForChanges(watcher_, bell_, FirstChange::kAwait, cancellation_).ok());

  editor.join();
  EXPECT_FALSE(tree->Changes()->empty());
}

TEST_F(ChangeWaitTest, EndsAlthoughSomebodyElseReadTheEvents) {
  const auto tree = Watch(bell_);
  ChangeBell other_bell;
  const auto other = Watch(other_bell);
  Touch("a.txt");

  EXPECT_FALSE(other->Changes()->empty());

  EXPECT_TRUE(WaitForChanges(watcher_, bell_, FirstChange::kAwait, cancellation_).ok());
  EXPECT_FALSE(tree->Changes()->empty());
}

TEST_F(ChangeWaitTest, WakesEverybodyWhoWaitsForATree) {
  ChangeBell other_bell;
  const auto tree = Watch(bell_);
  const auto other = Watch(other_bell);
  std::thread waiter([&] {
    EXPECT_TRUE(WaitForChanges(watcher_, other_bell, FirstChange::kAwait, cancellation_).ok());
  });

  Touch("a.txt");

  EXPECT_TRUE(WaitForChanges(watcher_, bell_, FirstChange::kAwait, cancellation_).ok());
  waiter.join();
}

TEST_F(ChangeWaitTest, DoesNotWaitForAFirstChangeThatNobodyWants) {
  const auto tree = Watch(bell_);

  EXPECT_TRUE(WaitForChanges(watcher_, bell_, FirstChange::kIfThere, cancellation_).ok());
}

TEST_F(ChangeWaitTest, EndsWhenCancelled) {
  const auto tree = Watch(bell_);
  std::thread user([&] { cancellation_.Cancel(); });

  EXPECT_TRUE(
      absl::IsCancelled(WaitForChanges(watcher_, bell_, FirstChange::kAwait, cancellation_)));
  user.join();
}

TEST_F(ChangeWaitTest, LeavesTheBellSilent) {
  const auto tree = Watch(bell_);
  Touch("a.txt");

  EXPECT_TRUE(WaitForChanges(watcher_, bell_, FirstChange::kAwait, cancellation_).ok());

  EXPECT_FALSE(bell_.Silence());
}

}  // namespace
}  // namespace nopo
