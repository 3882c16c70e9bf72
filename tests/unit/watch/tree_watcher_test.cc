#include "daemon/watch/tree_watcher.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

constexpr int kPlenty = 1000;

auto Touches(const std::string& path) {
  return Optional(Contains(Field(&TouchedEntry::path, path)));
}
auto IsUntouched() { return Optional(IsEmpty()); }
auto IsLost() { return testing::Eq(std::nullopt); }

class TreeWatcherTest : public ::testing::Test {
 protected:
  TreeWatcherTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nopo-tw-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    root_ = dir_ / "tree";
    std::filesystem::create_directories(root_ / "src");
    Write(root_ / "src/a.txt", "one");
    Write(dir_ / "outside.txt", "outside");
  }
  ~TreeWatcherTest() override { std::filesystem::remove_all(dir_); }

  static void Write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  // A watch on every directory of the tree.
  std::unique_ptr<TreeWatch> Watch() { return WatchWith(watcher_, root_); }
  static std::unique_ptr<TreeWatch> WatchWith(TreeWatcher& watcher,
                                              const std::filesystem::path& root) {
    std::unique_ptr<TreeWatch> tree = watcher.Begin(root);
    tree->AddDirectory("");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_directory()) continue;
      tree->AddDirectory(std::filesystem::relative(entry.path(), root).string());
    }
    return tree;
  }

  std::filesystem::path dir_, root_;
  TreeWatcher watcher_{kPlenty};
};

TEST_F(TreeWatcherTest, ATreeThatNobodyTouchesIsUntouched) {
  const auto tree = Watch();

  EXPECT_THAT(tree->Changes(), IsUntouched());
}

TEST_F(TreeWatcherTest, ReadingIsNoTouch) {
  const auto tree = Watch();
  std::string text;
  std::ifstream(root_ / "src/a.txt") >> text;

  EXPECT_THAT(tree->Changes(), IsUntouched());
}

TEST_F(TreeWatcherTest, SeesAnEditAndTellsOfItOnce) {
  const auto tree = Watch();
  Write(root_ / "src/a.txt", "two");

  EXPECT_THAT(tree->Changes(), Touches("src/a.txt"));
  EXPECT_THAT(tree->Changes(), IsUntouched());
}

TEST_F(TreeWatcherTest, SeesAWriteOfAFileThatIsStillOpen) {
  std::ofstream file(root_ / "src/a.txt");
  const auto tree = Watch();
  file << "more" << std::flush;

  EXPECT_THAT(tree->Changes(), Touches("src/a.txt"));
}

TEST_F(TreeWatcherTest, SeesATimeThatIsPutBack) {
  const auto tree = Watch();
  const timespec times[2] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "src/a.txt").c_str(), times, 0), 0);

  EXPECT_THAT(tree->Changes(), Touches("src/a.txt"));
}

TEST_F(TreeWatcherTest, SeesAFileReplacedByAnEqualOne) {
  std::filesystem::copy_file(root_ / "src/a.txt", dir_ / "copy");
  const auto tree = Watch();
  std::filesystem::rename(dir_ / "copy", root_ / "src/a.txt");

  EXPECT_THAT(tree->Changes(), Touches("src/a.txt"));
}

TEST_F(TreeWatcherTest, SeesWhatIsAddedRemovedRenamedAndLinked) {
  const auto tree = Watch();
  Write(root_ / "new.txt", "");
  std::filesystem::create_symlink("nowhere", root_ / "link");
  std::filesystem::rename(root_ / "src/a.txt", root_ / "src/b.txt");
  std::filesystem::create_directory(root_ / "empty");

  const auto changes = tree->Changes();

  for (const char* path : {"new.txt", "link", "src/a.txt", "src/b.txt", "empty"}) {
    EXPECT_THAT(changes, Touches(path));
  }
}

TEST_F(TreeWatcherTest, SeesModesOfFilesDirectoriesAndTheRoot) {
  const auto tree = Watch();
  ASSERT_EQ(::chmod((root_ / "src/a.txt").c_str(), 0600), 0);
  EXPECT_THAT(tree->Changes(), Touches("src/a.txt"));
  ASSERT_EQ(::chmod((root_ / "src").c_str(), 0700), 0);
  EXPECT_THAT(tree->Changes(), Touches("src"));
  ASSERT_EQ(::chmod(root_.c_str(), 0700), 0);
  EXPECT_THAT(tree->Changes(), Touches(""));
}

TEST_F(TreeWatcherTest, TellsDirectoriesFromFiles) {
  const auto tree = Watch();
  std::filesystem::create_directory(root_ / "made");

  EXPECT_THAT(tree->Changes(), Optional(Each(Field(&TouchedEntry::is_directory, true))));
}

TEST_F(TreeWatcherTest, SeesAnEditUnderAnotherNameOfAWatchedFile) {
  std::filesystem::create_hard_link(dir_ / "outside.txt", root_ / "inside.txt");
  const auto tree = Watch();
  tree->AddFile("inside.txt");
  Write(dir_ / "outside.txt", "edited");

  EXPECT_THAT(tree->Changes(), Touches("inside.txt"));
}

TEST_F(TreeWatcherTest, DoesNotLookIntoDirectoriesThatWereNotAdded) {
  const auto tree = watcher_.Begin(root_);
  tree->AddDirectory("");
  Write(root_ / "src/a.txt", "two");

  EXPECT_THAT(tree->Changes(), IsUntouched());
}

TEST_F(TreeWatcherTest, ADirectoryThatVanishedBeforeItWasAddedIsToldByItsParent) {
  const auto tree = watcher_.Begin(root_);
  tree->AddDirectory("");
  std::filesystem::remove_all(root_ / "src");
  tree->AddDirectory("src");

  EXPECT_THAT(tree->Changes(), Touches("src"));
}

TEST_F(TreeWatcherTest, TreesThatShareADirectoryBothSeeAnEdit) {
  const auto whole = Watch();
  const auto part = WatchWith(watcher_, root_ / "src");
  Write(root_ / "src/a.txt", "two");

  EXPECT_THAT(whole->Changes(), Touches("src/a.txt"));
  EXPECT_THAT(part->Changes(), Touches("a.txt"));
}

TEST_F(TreeWatcherTest, ATreeKeepsItsWatchesWhenAnotherOnTheSameDirectoryGoes) {
  auto first = Watch();
  const auto second = Watch();
  first.reset();
  Write(root_ / "src/a.txt", "two");

  EXPECT_THAT(second->Changes(), Touches("src/a.txt"));
}

TEST_F(TreeWatcherTest, GivesBackItsWatches) {
  auto tree = Watch();
  EXPECT_EQ(watcher_.watched(), 2);
  tree.reset();

  EXPECT_EQ(watcher_.watched(), 0);
}

TEST_F(TreeWatcherTest, IsLostWhenTheRootIsReplaced) {
  const auto tree = Watch();
  std::filesystem::rename(root_, dir_ / "old");
  std::filesystem::copy(dir_ / "old", root_, std::filesystem::copy_options::recursive);

  EXPECT_THAT(tree->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, IsLostWhenALinkToTheRootLeadsElsewhere) {
  std::filesystem::create_directory(dir_ / "other");
  std::filesystem::create_symlink("tree", dir_ / "current");
  const auto tree = WatchWith(watcher_, dir_ / "current");
  ASSERT_THAT(tree->Changes(), IsUntouched());
  std::filesystem::remove(dir_ / "current");
  std::filesystem::create_symlink("other", dir_ / "current");

  EXPECT_THAT(tree->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, IsLostBeyondItsBudget) {
  TreeWatcher watcher(1);
  const auto tree = WatchWith(watcher, root_);

  EXPECT_THAT(tree->Changes(), IsLost());
  EXPECT_EQ(watcher.watched(), 1);
}

TEST_F(TreeWatcherTest, IsLostWhenTheKernelDropsEvents) {
  int most_queued = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most_queued;
  const auto busy = Watch();
  std::filesystem::create_directory(dir_ / "quiet");
  const auto quiet = WatchWith(watcher_, dir_ / "quiet");
  // By turns: the kernel merges equal events that follow each other.
  for (int i = 0; i <= most_queued; ++i) {
    ASSERT_EQ(::chmod((root_ / (i % 2 == 0 ? "src" : "src/a.txt")).c_str(), 0700), 0);
  }

  EXPECT_THAT(quiet->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, IsLostWhereThereIsNoDirectory) {
  const auto tree = watcher_.Begin(dir_ / "missing");
  tree->AddDirectory("");

  EXPECT_THAT(tree->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, IsLostOnAFileSystemThatDoesNotTell) {
  const auto tree = watcher_.Begin("/proc/self");
  tree->AddDirectory("");

  EXPECT_THAT(tree->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, IsLostWhenSomethingIsMountedInTheTreeOrUnmounted) {
  const auto tree = Watch();
  if (::mount("none", (root_ / "src").c_str(), "tmpfs", 0, nullptr) != 0) {
    GTEST_SKIP() << "only root may mount";
  }
  EXPECT_THAT(tree->Changes(), IsLost());
  const auto with_mount = Watch();
  EXPECT_THAT(with_mount->Changes(), IsUntouched());
  ASSERT_EQ(::umount((root_ / "src").c_str()), 0);

  EXPECT_THAT(with_mount->Changes(), IsLost());
}

TEST_F(TreeWatcherTest, AMountElsewhereDoesNotMatter) {
  const auto tree = Watch();
  std::filesystem::create_directory(dir_ / "tree-2");
  if (::mount("none", (dir_ / "tree-2").c_str(), "tmpfs", 0, nullptr) != 0) {
    GTEST_SKIP() << "only root may mount";
  }

  EXPECT_THAT(tree->Changes(), IsUntouched());
  ASSERT_EQ(::umount((dir_ / "tree-2").c_str()), 0);
}

TEST(MountTableTest, ListsTheMountsBelowADirectory) {
  MountTable table;

  EXPECT_THAT(table.MountsBelow("/"), Not(IsEmpty()));
  EXPECT_THAT(table.MountsBelow("/proc"), Not(IsEmpty()));
  EXPECT_THAT(table.MountsBelow("/no/such/place"), IsEmpty());
}

TEST_F(TreeWatcherTest, SaysWhyItIsLost) {
  EXPECT_EQ(Watch()->trouble(), WatchTrouble::kNone);

  TreeWatcher small(1);
  EXPECT_EQ(WatchWith(small, root_)->trouble(), WatchTrouble::kBudget);

  const auto proc = watcher_.Begin("/proc/self");
  proc->AddDirectory("");
  EXPECT_EQ(proc->trouble(), WatchTrouble::kFileSystem);

  EXPECT_EQ(watcher_.Begin(dir_ / "missing")->trouble(), WatchTrouble::kOvertaken);
}

}  // namespace
}  // namespace nopo
