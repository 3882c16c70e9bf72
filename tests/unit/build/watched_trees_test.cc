#include "daemon/build/watched_trees.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

class WatchedTreesTest : public ::testing::Test {
 protected:
  WatchedTreesTest() {
    tree_.Write("src/a.txt", "one");
    tree_.Write("logs/today.log", "quiet");
    tree_.Settle();
  }

  std::shared_ptr<const DigestedTree> Read() {
    auto read = trees_.Read(tree_.path(), {"logs", "*.tmp", "!keep.tmp"});
    EXPECT_TRUE(read.ok()) << read.status();
    return *std::move(read);
  }
  // Whether what is now read is what was read before `change`, without having been read again.
  bool IsRemembered(const std::function<void()>& change) {
    const auto before = Read();
    change();
    return Read() == before;
  }

  TemporaryTree tree_;
  TreeWatcher watcher_{100};
  WatchedTrees trees_{watcher_};
};

TEST_F(WatchedTreesTest, AnUnchangedTreeIsNotReadAgain) {
  EXPECT_TRUE(IsRemembered([] {}));
  EXPECT_TRUE(IsRemembered([] {}));
}

TEST_F(WatchedTreesTest, AnEditIsSeen) {
  const std::string before = Read()->digest;
  EXPECT_FALSE(IsRemembered([&] { tree_.Write("src/a.txt", "two"); }));

  EXPECT_NE(Read()->digest, before);
}

TEST_F(WatchedTreesTest, AnEditOfIgnoredFilesDoesNotMatter) {
  EXPECT_TRUE(IsRemembered([&] { tree_.Write("logs/today.log", "loud"); }));
  EXPECT_TRUE(IsRemembered([&] { tree_.Write("src.tmp", "x"); }));
  EXPECT_FALSE(IsRemembered([&] { tree_.Write("keep.tmp", "x"); }));
}

TEST_F(WatchedTreesTest, AFileInANewDirectoryIsSeen) {
  EXPECT_FALSE(IsRemembered([&] { tree_.Write("new/b.txt", "x"); }));
  tree_.Settle();
  Read();
  EXPECT_FALSE(IsRemembered([&] { tree_.Write("new/b.txt", "y"); }));
}

TEST_F(WatchedTreesTest, AnEditThroughAHardLinkOutsideIsSeen) {
  TemporaryTree outside;
  outside.Write("b.txt", "one");
  std::filesystem::create_hard_link(outside.path() / "b.txt", tree_.path() / "src/b.txt");
  tree_.Settle();

  EXPECT_FALSE(IsRemembered([&] { outside.Write("b.txt", "two"); }));
}

TEST_F(WatchedTreesTest, OtherRulesAreAnotherTree) {
  const auto all = trees_.Read(tree_.path(), {});

  ASSERT_TRUE(all.ok());
  EXPECT_NE((*all)->digest, Read()->digest);
  EXPECT_EQ(trees_.size(), 2);
}

TEST_F(WatchedTreesTest, WithoutWatchesTheTreeIsReadEachTime) {
  TreeWatcher none(0);
  WatchedTrees trees(none);
  const auto before = *trees.Read(tree_.path(), {});
  const auto after = *trees.Read(tree_.path(), {});

  EXPECT_NE(after, before);
  EXPECT_EQ(after->digest, before->digest);
}

TEST_F(WatchedTreesTest, ATreeThatWasJustEditedIsReadAgain) {
  tree_.Write("src/a.txt", "now");

  EXPECT_FALSE(IsRemembered([] {}));
}

TEST_F(WatchedTreesTest, KeepsTheTreesThatWereAskedForLast) {
  TemporaryTree many;
  for (int i = 0; i < 65; ++i) many.Write(absl::StrCat(i, "/file"), "x");
  many.Settle();
  for (int i = 0; i < 65; ++i) ASSERT_TRUE(trees_.Read(many.path() / absl::StrCat(i), {}).ok());

  EXPECT_EQ(trees_.size(), 64);
  EXPECT_EQ(watcher_.watched(), 64);
}

TEST_F(WatchedTreesTest, AMissingDirectoryAndABadRuleAreErrors) {
  EXPECT_TRUE(absl::IsNotFound(trees_.Read(tree_.path() / "missing", {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(trees_.Read(tree_.path(), {"[a"}).status()));
  EXPECT_EQ(trees_.size(), 0);
}

}  // namespace
}  // namespace nopo
