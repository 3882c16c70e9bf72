#include "daemon/buildkit/context_walker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/buildkit/snapshots.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using testing::ElementsAre;

class ContextWalkerTest : public testing::Test {
 protected:
  std::vector<FileStat> Walk(const std::vector<std::string>& include = {},
                             const std::vector<std::string>& exclude = {}) {
    std::vector<FileStat> entries;
    const absl::Status status = WalkContext(
        TreeOf(root_.path()), *PathFilter::Create(include, exclude), [&](const FileStat& entry) {
          entries.push_back(entry);
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return entries;
  }

  std::vector<std::string> Paths(const std::vector<std::string>& include = {},
                                 const std::vector<std::string>& exclude = {}) {
    std::vector<std::string> paths;
    for (const FileStat& entry : Walk(include, exclude)) paths.push_back(entry.path);
    return paths;
  }

  FileStat Only() {
    const std::vector<FileStat> entries = Walk();
    EXPECT_EQ(entries.size(), 1);
    return entries.empty() ? FileStat() : entries.front();
  }

  TempDirectory root_;
};

TEST_F(ContextWalkerTest, ListsADirectoryBeforeItsChildrenAndSiblingsByBytes) {
  for (const char* file : {"a.b", "a/z", "a/1", "a-b", "B", "ü", "b/c/d"}) root_.Write(file, "");

  EXPECT_THAT(Paths(), ElementsAre("B", "a", "a/1", "a/z", "a-b", "a.b", "b", "b/c", "b/c/d", "ü"));
}

TEST_F(ContextWalkerTest, ListsNothingOfAnEmptyDirectory) {
  EXPECT_THAT(Paths(), testing::IsEmpty());
}

TEST_F(ContextWalkerTest, SendsAParentOnlyWhenSomethingBelowIsSelected) {
  for (const char* file : {"a/b/c", "a/b/d", "a/e/f", "g/h"}) root_.Write(file, "");

  EXPECT_THAT(Paths({"a/b/d", "a/e"}), ElementsAre("a", "a/b", "a/b/d", "a/e", "a/e/f"));
}

TEST_F(ContextWalkerTest, LooksIntoAnExcludedDirectoryForWhatIsIncludedAgain) {
  for (const char* file : {"out/a", "out/keep/b", "out/x/c", "src"}) root_.Write(file, "");

  EXPECT_THAT(Paths({}, {"out", "!out/keep"}), ElementsAre("out", "out/keep", "out/keep/b", "src"));
}

TEST_F(ContextWalkerTest, SkipsAllThatIsBelowAPrunedDirectory) {
  for (const char* file : {"src", "secret/a/b", "secret.txt"}) root_.Write(file, "");

  EXPECT_THAT(Paths({}, {"secret"}), ElementsAre("secret.txt", "src"));
}

TEST_F(ContextWalkerTest, MindsADirectoryThatCouldNotBeListedOnlyWhereItIsWanted) {
  root_.Write("src", "");
  std::filesystem::create_directory(root_.path() / "locked");
  FileTree tree = TreeOf(root_.path());
  tree.entries[0].list_error = EACCES;
  const auto walk = [&](const std::vector<std::string>& excluded) {
    return WalkContext(tree, *PathFilter::Create({}, excluded),
                       [](const FileStat&) { return absl::OkStatus(); });
  };

  EXPECT_EQ(walk({"locked"}), absl::OkStatus());
  EXPECT_EQ(walk({}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(walk({}).message()), testing::HasSubstr("/locked: Permission denied"));
}

TEST_F(ContextWalkerTest, DescribesAFile) {
  root_.Write("file", "12345");
  ::chmod((root_.path() / "file").c_str(), 0640);
  const timespec times[2] = {{0, 0}, {1700000000, 123456789}};
  ::utimensat(AT_FDCWD, (root_.path() / "file").c_str(), times, 0);

  const FileStat file = Only();

  EXPECT_EQ(file.mode, 0640);
  EXPECT_EQ(file.size, 5);
  EXPECT_EQ(file.modified_ns, 1700000000123456789);
  EXPECT_TRUE(file.HasContent());
}

TEST_F(ContextWalkerTest, GivesADirectoryItsBitsAndNoSize) {
  std::filesystem::create_directory(root_.path() / "dir");
  ::chmod((root_.path() / "dir").c_str(), 01777);

  const FileStat dir = Only();

  EXPECT_EQ(dir.mode, kModeDirectory | kModeSticky | 0777);
  EXPECT_EQ(dir.size, 0);
  EXPECT_FALSE(dir.HasContent());
}

TEST_F(ContextWalkerTest, KeepsASymbolicLinksTextAsItIs) {
  std::filesystem::create_symlink("../no/such", root_.path() / "link");

  const FileStat link = Only();

  EXPECT_EQ(link.mode & kModeTypes, kModeSymlink);
  EXPECT_EQ(link.link, "../no/such");
  EXPECT_EQ(link.size, 10);
}

TEST_F(ContextWalkerTest, SendsTheSecondNameOfAFileAsAHardLink) {
  root_.Write("b", "text");
  std::filesystem::create_hard_link(root_.path() / "b", root_.path() / "a");

  const std::vector<FileStat> entries = Walk();

  EXPECT_TRUE(entries[0].HasContent());
  EXPECT_EQ(entries[1].link, "a");
  EXPECT_EQ(entries[1].size, 0);
  EXPECT_FALSE(entries[1].HasContent());
}

TEST_F(ContextWalkerTest, TakesTheFirstSelectedNameOfAFileAsItsOriginal) {
  root_.Write("skipped/a", "text");
  for (const char* name : {"b", "c"}) {
    std::filesystem::create_hard_link(root_.path() / "skipped/a", root_.path() / name);
  }

  const std::vector<FileStat> entries = Walk({}, {"skipped"});

  EXPECT_TRUE(entries[0].HasContent());
  EXPECT_EQ(entries[1].link, "b");
}

TEST_F(ContextWalkerTest, MarksAPipeAndHidesASocketsType) {
  ::mkfifo((root_.path() / "pipe").c_str(), 0600);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (root_.path() / "socket").c_str());
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);

  const std::vector<FileStat> entries = Walk();

  EXPECT_EQ(entries[0].mode & kModeTypes, kModeNamedPipe);
  EXPECT_EQ(entries[1].mode & kModeTypes, 0);
  EXPECT_EQ(entries[1].size, 0);
}

TEST_F(ContextWalkerTest, SendsExtendedAttributes) {
  root_.Write("file", "");
  const std::string value("a\0b", 3);
  if (::setxattr((root_.path() / "file").c_str(), "user.nopo", value.data(), 3, 0) != 0) {
    GTEST_SKIP() << "this file system has no user attributes";
  }

  EXPECT_EQ(Only().xattrs, (std::map<std::string, std::string>{{"user.nopo", value}}));
}

TEST_F(ContextWalkerTest, StopsWithTheErrorOfItsSink) {
  root_.Write("a", "");
  root_.Write("b", "");
  int calls = 0;

  const absl::Status status = WalkContext(TreeOf(root_.path()), PathFilter(), [&](const FileStat&) {
    ++calls;
    return absl::AbortedError("enough");
  });

  EXPECT_EQ(status, absl::AbortedError("enough"));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace nopo
