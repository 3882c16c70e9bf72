#include "daemon/build/input_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InputWatchTest : public testing::Test {
 protected:
  InputWatchTest() {
    tree_.Write("src/a.ts", "one");
    tree_.Write("cache/x", "one");
    tree_.Settle();
  }

  void WatchTree() { watch_.WatchTrees({{.root = tree_.path(), .ignore = {"cache"}}}); }
  // From the tree's root.
  std::vector<std::string> Changes() {
    std::vector<std::string> paths;
    for (const InputChange& change : watch_.TakeChanges()) {
      paths.push_back(change.path.lexically_relative(tree_.path()).string());
    }
    return paths;
  }

  TemporaryTree tree_;
  TreeWatcher watcher_{100};
  WatchedTrees trees_{watcher_};
  InputWatch watch_{trees_};
  Cancellation never_;
};

TEST_F(InputWatchTest, TellsAChangeOnce) {
  WatchTree();
  tree_.Write("src/a.ts", "two");

  EXPECT_THAT(Changes(), ElementsAre("src/a.ts"));
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_F(InputWatchTest, TellsChangesInDirectoriesThatCameLater) {
  WatchTree();
  tree_.Write("new/b.ts", "one");
  EXPECT_THAT(Changes(), ElementsAre("new/b.ts"));

  tree_.Write("new/deep/c.ts", "one");

  EXPECT_THAT(Changes(), ElementsAre("new/deep/c.ts"));
}

TEST_F(InputWatchTest, TellsNothingOfWhatIsIgnored) {
  WatchTree();
  tree_.Write("cache/x", "two");

  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_F(InputWatchTest, ForgetsWhatChangedBeforeTreesAreWatchedAnew) {
  WatchTree();
  tree_.Write("src/a.ts", "two");

  WatchTree();

  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_F(InputWatchTest, ATreeThatIsReplacedHasOtherFiles) {
  watch_.WatchTrees({{.root = tree_.path() / "src"}});
  std::filesystem::rename(tree_.path() / "src", tree_.path() / "old");
  tree_.Write("src/b.ts", "one");

  EXPECT_THAT(Changes(), ElementsAre("src/a.ts", "src/b.ts"));
  tree_.Write("src/b.ts", "two two");
  EXPECT_THAT(Changes(), ElementsAre("src/b.ts"));
}

TEST_F(InputWatchTest, ATreeThatIsMissingMayCome) {
  watch_.WatchTrees({{.root = tree_.path() / "later"}});
  EXPECT_TRUE(watch_.Check().ok());

  tree_.Write("later/a.ts", "one");

  EXPECT_THAT(Changes(), ElementsAre("later/a.ts"));
}

TEST_F(InputWatchTest, WaitEndsOnAChangeInATree) {
  WatchTree();
  tree_.Write("src/a.ts", "two");

  EXPECT_TRUE(watch_.Wait(FirstChange::kAwait, never_).ok());
}

TEST_F(InputWatchTest, WaitEndsOnAnEntryOfADirectory) {
  EXPECT_TRUE(watch_.WatchDirectories({tree_.path() / "src"}));
  EXPECT_FALSE(watch_.WatchDirectories({tree_.path() / "src"}));
  tree_.Write("src/b.ts", "one");

  EXPECT_TRUE(watch_.Wait(FirstChange::kAwait, never_).ok());
}

TEST_F(InputWatchTest, TheNearestDirectoryStandsInForOneThatIsMissing) {
  EXPECT_TRUE(watch_.WatchDirectories({tree_.path() / "apps/web"}));
  std::filesystem::create_directories(tree_.path() / "apps/web");

  EXPECT_TRUE(watch_.Wait(FirstChange::kAwait, never_).ok());
  EXPECT_TRUE(watch_.WatchDirectories({tree_.path() / "apps/web"}));
}

TEST_F(InputWatchTest, SaysThatItsShareOfWatchesIsUsedUp) {
  TreeWatcher watcher(2);
  WatchedTrees trees(watcher);
  InputWatch watch(trees);

  watch.WatchTrees({{.root = tree_.path()}});

  EXPECT_EQ(watch.Check().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(watch.Check().message()),
              HasSubstr("nopo's share of the inotify watches, a quarter, is used up"));
}

TEST_F(InputWatchTest, SaysThatAFileSystemDoesNotTell) {
  watch_.WatchTrees({{.root = "/proc/self/fdinfo"}});

  EXPECT_THAT(std::string(watch_.Check().message()), HasSubstr("does not tell of every change"));
}

}  // namespace
}  // namespace nopo
