#include "daemon/build/context_snapshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <set>
#include <thread>
#include <vector>

#include "common/error.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ContextSnapshotsTest : public testing::Test {
 protected:
  ContextSnapshotsTest() { tree_.Write("file", "one"); }

  ImageBuild Image(const std::vector<std::string>& ignored = {}) const {
    return {.context_dir = tree_.path(), .dockerfile_name = "Dockerfile", .ignore = ignored};
  }
  std::shared_ptr<const ContextSnapshot> Take(const ImageBuild& image) {
    return TakeIn(snapshots_, image).files;
  }
  BuildContext TakeIn(ContextSnapshots& snapshots, const ImageBuild& image) const {
    const auto context = snapshots.Take(image, never_);
    EXPECT_TRUE(context.ok()) << context.status();
    return context.value_or(BuildContext());
  }
  absl::Status TakeWrong(const ImageBuild& image) {
    return snapshots_.Take(image, never_).status();
  }
  // Edits a file under `snapshot` and lets it be sent.
  void ChangeUnder(const ContextSnapshot& snapshot) {
    tree_.Write("file", std::string(10 * ++edits_, 'x'));
    std::string buffer;
    snapshot.Read("file", 100, buffer, [] { return true; }).IgnoreError();
    EXPECT_FALSE(snapshot.ChangedFiles().empty());
  }

  // The time of a file as the engine is told it, in a request of its own.
  int64_t ToldTime() const {
    ContextSnapshots snapshots(trees_, *ledger_, "scope");
    int64_t time = 0;
    const auto note = [&](const FileStat& entry) {
      time = entry.modified_ns;
      return absl::OkStatus();
    };
    EXPECT_TRUE(TakeIn(snapshots, Image()).files->Walk({}, note).ok());
    return time;
  }

  TemporaryTree tree_, state_;
  TreeWatcher watcher_{100};
  mutable WatchedTrees trees_{watcher_};
  const std::unique_ptr<Ledger> ledger_ = *Ledger::Open(state_.path() / "ledger.db");
  ContextSnapshots snapshots_{trees_, *ledger_, "scope"};
  const Cancellation never_;
  int edits_ = 0;
};

TEST_F(ContextSnapshotsTest, AllImagesOfAContextAreBuiltOfOneState) {
  const auto first = Take(Image());
  tree_.Write("file", "two");

  EXPECT_EQ(Take(Image()), first);
}

TEST_F(ContextSnapshotsTest, ThirtyImagesAtOnceListTheirContextOnce) {
  std::vector<std::shared_ptr<const ContextSnapshot>> taken(30);
  std::latch together(30);
  {
    std::vector<std::jthread> threads;
    for (auto& snapshot : taken) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        snapshot = Take(Image());
      });
    }
  }

  EXPECT_THAT(taken, testing::Each(taken.front()));
}

TEST_F(ContextSnapshotsTest, WhatIsIgnoredMakesAnotherContext) {
  EXPECT_NE(Take(Image()), Take(Image({"file"})));
  EXPECT_NE(TakeIn(snapshots_, Image()).key, TakeIn(snapshots_, Image({"file"})).key);
  EXPECT_THAT(Take(Image({"file"}))->tree().entries, IsEmpty());
}

TEST_F(ContextSnapshotsTest, IsTakenAnewOnceACommandRan) {
  const auto before = Take(Image());
  snapshots_.FilesMayHaveChanged();
  const auto unchanged = Take(Image());
  EXPECT_NE(unchanged, before);
  EXPECT_EQ(unchanged->version(), before->version());

  tree_.Write("made", "by the command");
  snapshots_.FilesMayHaveChanged();

  EXPECT_NE(Take(Image())->version(), before->version());
}

TEST_F(ContextSnapshotsTest, IsTakenAnewOnceFilesWereSeenToChangeUnderIt) {
  const auto before = Take(Image());
  ChangeUnder(*before);

  const auto after = Take(Image());

  EXPECT_NE(after->version(), before->version());
  EXPECT_THAT(after->ChangedFiles(), IsEmpty());
}

TEST_F(ContextSnapshotsTest, GivesInToWhatChangesAllTheTime) {
  EXPECT_EQ(Take(Image())->on_change(), ContextSnapshot::OnChange::kFail);
  ChangeUnder(*Take(Image()));
  EXPECT_EQ(Take(Image())->on_change(), ContextSnapshot::OnChange::kFail);
  ChangeUnder(*Take(Image()));

  EXPECT_EQ(Take(Image())->on_change(), ContextSnapshot::OnChange::kSend);
}

TEST_F(ContextSnapshotsTest, ComparesWithTheCopiesThatEarlierRequestsLeft) {
  const std::string key = TakeIn(snapshots_, Image()).key;
  ContextSnapshots next(trees_, *ledger_, "scope"), elsewhere(trees_, *ledger_, "another scope");

  EXPECT_EQ(TakeIn(next, Image()).key, key);
  EXPECT_NE(TakeIn(elsewhere, Image()).key, key) << "nothing is known: all is sent";
}

// The engine takes a file of the same size and time for the same, and one of several copies may be
// of any earlier state.
TEST_F(ContextSnapshotsTest, TellsApartFilesThatReplaceEachOtherUnderTheSameSizeAndTime) {
  const std::filesystem::path file = tree_.path() / "file";
  const auto time = std::filesystem::last_write_time(file);
  std::set<int64_t> told;
  for (const char* text : {"one", "two", "six"}) {
    tree_.Settle();
    tree_.Write("file", text);
    std::filesystem::last_write_time(file, time);
    tree_.Settle();

    const int64_t time_told = ToldTime();
    told.insert(time_told);
    EXPECT_EQ(ToldTime(), time_told) << "sent once";
  }

  EXPECT_THAT(told, SizeIs(3));
  EXPECT_EQ(*told.begin() / 1'000'000, *told.rbegin() / 1'000'000) << "the same millisecond";
}

TEST_F(ContextSnapshotsTest, TellsTheTrueTimeOfWhatNobodyReplaced) {
  tree_.Settle();
  const auto true_time = [this] { return Take(Image())->tree().entries.front().modified_ns; };
  const auto years_ago = std::filesystem::file_time_type::clock::now() - std::chrono::years(3);
  std::filesystem::last_write_time(tree_.path() / "file", years_ago);
  tree_.Settle();
  EXPECT_EQ(ToldTime(), true_time()) << "there was no copy before";

  tree_.Write("file", "written");
  tree_.Settle();
  snapshots_.FilesMayHaveChanged();

  EXPECT_EQ(ToldTime(), true_time());
}

TEST_F(ContextSnapshotsTest, NamesAContextThatIsNoDirectory) {
  ImageBuild missing = Image(), file = Image();
  missing.context_dir = tree_.path() / "missing";
  file.context_dir = tree_.path() / "file";

  for (const ImageBuild& image : {missing, file}) {
    const absl::Status status = TakeWrong(image);
    EXPECT_EQ(ReasonOf(status), Reason::kBuildFailed);
    EXPECT_THAT(std::string(status.message()), HasSubstr(image.context_dir.string()));
  }
}

TEST_F(ContextSnapshotsTest, NamesAnIgnoreFileThatDoesNotParse) {
  const absl::Status status = TakeWrong(Image({"broken["}));

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("broken["));
}

}  // namespace
}  // namespace nopo
