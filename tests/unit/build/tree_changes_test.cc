#include "daemon/build/tree_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kRead = absl::FromUnixSeconds(1'000'000);
const absl::Time kLongAgo = kRead - absl::Hours(1);

TreeEntry File(const std::string& path, absl::Time changed = kLongAgo) {
  TreeEntry entry{.path = path, .mode = S_IFREG | 0644, .size = 3};
  entry.changed_ns = entry.modified_ns = absl::ToUnixNanos(changed);
  return entry;
}
TreeEntry Directory(const std::string& path) { return {.path = path, .mode = S_IFDIR | 0755}; }

std::vector<std::string> Changes(std::vector<TreeEntry> before, std::vector<TreeEntry> after,
                                 const std::set<std::string>& touched = {}) {
  std::vector<std::string> paths;
  for (const TreeChange& change :
       DiffTrees({.entries = std::move(before), .read_at = kRead},
                 {.entries = std::move(after), .read_at = kRead + absl::Minutes(1)}, touched)) {
    paths.push_back(change.path);
  }
  return paths;
}

TEST(TreeChangesTest, AreNoneInATreeThatIsAsItWas) {
  EXPECT_THAT(Changes({File("a"), Directory("src")}, {File("a"), Directory("src")}), IsEmpty());
}

TEST(TreeChangesTest, AreWhatCameWentAndIsAnother) {
  TreeEntry edited = File("edited");
  edited.size = 4;
  TreeEntry replaced = File("replaced");
  replaced.inode = 7;
  EXPECT_THAT(Changes({File("edited"), File("gone"), File("replaced"), File("same")},
                      {edited, File("new"), replaced, File("same")}),
              ElementsAre("edited", "gone", "new", "replaced"));
}

TEST(TreeChangesTest, NameFilesInsteadOfTheDirectoriesThatCameWithThem) {
  EXPECT_THAT(Changes({}, {Directory("src"), Directory("src/empty"), File("src/a")}),
              ElementsAre("src/a", "src/empty"));
  EXPECT_THAT(Changes({}, {Directory("src"), File("src.ts")}), ElementsAre("src", "src.ts"));
}

TEST(TreeChangesTest, TellWhenAsFarAsThatIsKnown) {
  const std::vector<TreeChange> changes = DiffTrees({.entries = {File("gone")}, .read_at = kRead},
                                                    {.entries = {File("new", kRead)}}, {});

  ASSERT_EQ(changes.size(), 2);
  EXPECT_EQ(changes[0].at, absl::InfinitePast());
  EXPECT_EQ(changes[1].at, kRead);
}

TEST(TreeChangesTest, WhatEditorsWriteBesideAFileIsNone) {
  EXPECT_THAT(Changes({}, {File("src/.a.ts.swp"), File("src/a.ts~")}), IsEmpty());
}

TEST(TreeChangesTest, AWriteInTheTickOfTheLookBeforeIsOneIfTheKernelToldIt) {
  const TreeEntry file = File("a", kRead - absl::Milliseconds(1));

  EXPECT_THAT(Changes({file}, {file}), IsEmpty());
  EXPECT_THAT(Changes({file}, {file}, {"a"}), ElementsAre("a"));
}

TEST(TreeChangesTest, ATouchThatLeftAFileAsItWasIsNone) {
  EXPECT_THAT(Changes({File("a")}, {File("a")}, {"a", "made and removed again"}), IsEmpty());
}

}  // namespace
}  // namespace nopo
