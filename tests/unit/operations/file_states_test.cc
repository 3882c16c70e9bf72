#include "daemon/operations/file_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Key;

FileStamp Stamp(const std::string& path, uint64_t size = 1) {
  return {.path = path, .exists = true, .size = size};
}
FileStamp Directory(const std::string& path) {
  return {.path = path, .exists = true, .is_directory = true};
}
FileStamp Missing(const std::string& path) { return {.path = path}; }

TEST(FileStatesTest, AreOfFilesThatExist) {
  EXPECT_THAT(StatesOf({Stamp("/a"), Directory("/apps"), Missing("/b")}), ElementsAre(Key("/a")));
}

TEST(FileStatesTest, TheFirstOfTwoLooksCounts) {
  EXPECT_EQ(StatesOf({Stamp("/a", 1), Stamp("/a", 2)}).at("/a").size, 1);
}

TEST(FileStatesTest, DifferWhereFilesCameWentOrChanged) {
  const FileStates before = StatesOf({Stamp("/edited"), Stamp("/gone"), Stamp("/same")});
  const FileStates after = StatesOf({Stamp("/edited", 2), Stamp("/new"), Stamp("/same")});

  EXPECT_THAT(ChangedFiles(before, after), ElementsAre("/edited", "/gone", "/new"));
  EXPECT_THAT(ChangedFiles(after, after), IsEmpty());
}

TEST(FileStatesTest, AreHeardOfInTheirDirectories) {
  EXPECT_THAT(DirectoriesToWatch({Stamp("/shop/nopo.yml"), Missing("/shop/apps/web/Dockerfile"),
                                  Directory("/shop/apps")}),
              ElementsAre("/shop", "/shop/apps", "/shop/apps/web"));
}

TEST(FileStatesTest, OfALinkAreHeardOfWhereItLeadsToo) {
  std::string pattern = (std::filesystem::temp_directory_path() / "nopo-fs-XXXXXX").string();
  const std::filesystem::path dir = std::filesystem::canonical(::mkdtemp(pattern.data()));
  std::filesystem::create_directories(dir / "real");
  std::ofstream(dir / "real/env") << "x";
  std::filesystem::create_symlink("real/env", dir / ".env");

  EXPECT_THAT(DirectoriesToWatch({StampOf(dir / ".env")}), IsSupersetOf({dir, dir / "real"}));

  std::filesystem::remove_all(dir);
}

TEST(ChangedTextTest, NamesOneFileAndCountsTheOthers) {
  EXPECT_EQ(ChangedText({"/shop/apps/web/src/a.ts"}, "/shop"), "changed: apps/web/src/a.ts");
  EXPECT_EQ(ChangedText({"/shop/a", "/shop/b", "/shop/c", "/shop/d"}, "/shop"),
            "changed: a and 3 more");
  EXPECT_EQ(ChangedText({"/etc/shop.env"}, "/shop"), "changed: /etc/shop.env");
}

}  // namespace
}  // namespace nopo
