#include "daemon/buildkit/file_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/buildkit/snapshots.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FileTreeTest : public testing::Test {
 protected:
  std::vector<std::string> Paths(const std::vector<std::string>& ignored = {}) const {
    std::vector<std::string> paths;
    for (const TreeEntry& entry : TreeOf(root_.path(), ignored).entries) {
      paths.push_back(entry.path);
    }
    return paths;
  }

  const TempDirectory root_;
};

TEST_F(FileTreeTest, ListsADirectoryBeforeItsChildrenAndSiblingsByBytes) {
  for (const char* file : {"a.b", "a/z", "a/1", "a-b", "B", "\xff"}) root_.Write(file, "");

  EXPECT_THAT(Paths(), ElementsAre("B", "a", "a/1", "a/z", "a-b", "a.b", "\xff"));
}

TEST_F(FileTreeTest, KeepsAnIgnoredDirectoryOnlyOnTheWayToWhatIsNotIgnored) {
  for (const char* file : {"out/a", "out/keep/b", "old/c", "src"}) root_.Write(file, "");

  EXPECT_THAT(Paths({"out", "old", "!out/keep"}),
              ElementsAre("out", "out/keep", "out/keep/b", "src"));
  EXPECT_THAT(Paths({"**"}), IsEmpty());
}

TEST_F(FileTreeTest, TellsOfEachDirectoryBeforeItIsListedButNotOfPrunedOnes) {
  for (const char* file : {"a/b/c", "skipped/d"}) root_.Write(file, "");
  std::vector<std::string> listed;

  const auto tree = ReadFileTree(root_.path(), *IgnorePatterns::Create({"skipped"}), absl::Now(),
                                 [&](const std::string& directory) {
                                   listed.push_back(directory);
                                   if (directory == "a/b") root_.Write("a/b/new", "");
                                 });

  EXPECT_THAT(listed, ElementsAre("", "a", "a/b"));
  EXPECT_EQ(tree->entries.back().path, "a/b/new");
}

TEST_F(FileTreeTest, SaysWhetherAFileIsStillTheSame) {
  root_.Write("file", "one");
  const FileTree tree = TreeOf(root_.path());
  struct stat stat;
  ASSERT_EQ(::lstat((root_.path() / "file").c_str(), &stat), 0);
  EXPECT_TRUE(tree.entries[0].IsStill(stat));

  root_.Write("other", "two");
  std::filesystem::last_write_time(root_.path() / "other",
                                   std::filesystem::last_write_time(root_.path() / "file"));
  ASSERT_EQ(::lstat((root_.path() / "other").c_str(), &stat), 0);

  EXPECT_FALSE(tree.entries[0].IsStill(stat)) << "equal size and time, but another file";
}

// As somebody who is not root, on this thread alone.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : before_(::setfsuid(65534)) {}
  ~WithoutPrivileges() { ::setfsuid(static_cast<uid_t>(before_)); }

 private:
  const int before_;
};

TEST_F(FileTreeTest, RemembersADirectoryThatCannotBeListed) {
  root_.Write("locked/file", "");
  root_.Write("open", "");
  ::chmod(root_.path().c_str(), 0755);
  ::chmod((root_.path() / "locked").c_str(), 0);
  const WithoutPrivileges here;

  const FileTree tree = TreeOf(root_.path());

  EXPECT_THAT(Paths(), ElementsAre("locked", "open"));
  EXPECT_EQ(tree.entries[0].list_error, EACCES);
  EXPECT_EQ(tree.CheckComplete().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(TreeOf(root_.path(), {"locked"}).CheckComplete(), absl::OkStatus());
  // What is included again may be in there.
  EXPECT_FALSE(TreeOf(root_.path(), {"locked", "!locked/x"}).CheckComplete().ok());
}

TEST_F(FileTreeTest, NamesARootThatIsMissing) {
  const auto tree = ReadFileTree(root_.path() / "nowhere", IgnorePatterns());

  EXPECT_EQ(tree.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(tree.status().message()), HasSubstr("nowhere"));
}

class ContextSnapshotTest : public FileTreeTest {
 protected:
  // What is sent of a file of `snapshot`; `meanwhile` happens after the first piece.
  std::string Read(
      const ContextSnapshot& snapshot, const std::string& path,
      const std::function<void()>& meanwhile = [] {}) {
    std::string buffer, text;
    status_ = snapshot.Read(path, 4, buffer, [&] {
      if (text.empty()) meanwhile();
      text += buffer;
      return true;
    });
    return text;
  }
  std::shared_ptr<const ContextSnapshot> Take(ContextSnapshot::OnChange on_change) const {
    return SnapshotOf(root_.path(), {}, on_change);
  }

  static constexpr auto kFail = ContextSnapshot::OnChange::kFail;
  static constexpr auto kSend = ContextSnapshot::OnChange::kSend;
  absl::Status status_;
};

TEST_F(ContextSnapshotTest, ReadsAFileInPieces) {
  root_.Write("file", "0123456789");
  root_.Write("empty", "");
  const auto snapshot = Take(kFail);

  EXPECT_EQ(Read(*snapshot, "file"), "0123456789");
  EXPECT_EQ(Read(*snapshot, "empty"), "");
  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_THAT(snapshot->ChangedFiles(), IsEmpty());
}

TEST_F(ContextSnapshotTest, ListsWhatWasThereWhateverHappenedSince) {
  root_.Write("a/b", "");
  root_.Write("a-b", "");
  const auto snapshot = Take(kFail);
  std::filesystem::remove_all(root_.path() / "a");
  std::vector<std::string> paths;

  const absl::Status walked = snapshot->Walk({}, [&](const FileStat& entry) {
    paths.push_back(entry.path);
    return absl::OkStatus();
  });

  EXPECT_EQ(walked, absl::OkStatus());
  EXPECT_THAT(paths, ElementsAre("a", "a/b", "a-b"));
}

TEST_F(ContextSnapshotTest, NoticesAFileThatChangedBeforeItWasRead) {
  root_.Write("dir/file", "one");
  const auto snapshot = Take(kFail);
  root_.Write("dir/file", "longer");

  EXPECT_EQ(Read(*snapshot, "dir/file"), "");

  EXPECT_TRUE(absl::IsAborted(status_));
  EXPECT_THAT(std::string(status_.message()), HasSubstr("dir/file changed"));
  EXPECT_THAT(snapshot->ChangedFiles(), ElementsAre("dir/file"));
}

TEST_F(ContextSnapshotTest, NoticesAFileThatVanished) {
  root_.Write("file", "one");
  const auto strict = Take(kFail), lenient = Take(kSend);
  std::filesystem::remove(root_.path() / "file");

  Read(*strict, "file");
  EXPECT_TRUE(absl::IsAborted(status_));
  EXPECT_EQ(Read(*lenient, "file"), "");
  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_THAT(lenient->ChangedFiles(), ElementsAre("file"));
}

TEST_F(ContextSnapshotTest, NoticesAFileThatChangesWhileItIsRead) {
  root_.Write("file", "0123456789");
  for (const char* text : {"01234", "0123456789abcdef", "9876543210"}) {
    // Until the clock that stamps files has moved on.
    while (!TreeOf(root_.path()).IsSettled()) {
    }
    const auto snapshot = Take(kFail);
    Read(*snapshot, "file", [&] { root_.Write("file", text); });
    EXPECT_TRUE(absl::IsAborted(status_)) << text;
    EXPECT_THAT(snapshot->ChangedFiles(), ElementsAre("file"));
  }
}

TEST_F(ContextSnapshotTest, OfAFileThatGrowsWithoutEndSendsWhatItHeld) {
  root_.Write("log", "0123456789");
  const auto snapshot = Take(kSend);

  EXPECT_EQ(Read(*snapshot, "log", [&] { root_.Write("log", "0123456789 and more"); }),
            "0123456789");

  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_THAT(snapshot->ChangedFiles(), ElementsAre("log"));
}

TEST_F(ContextSnapshotTest, DoesNotWaitForAPipeThatTookAFilesPlace) {
  root_.Write("file", "text");
  const auto snapshot = Take(kSend);
  std::filesystem::remove(root_.path() / "file");
  ASSERT_EQ(::mkfifo((root_.path() / "file").c_str(), 0600), 0);

  EXPECT_EQ(Read(*snapshot, "file"), "");
  EXPECT_THAT(snapshot->ChangedFiles(), ElementsAre("file"));
}

TEST_F(ContextSnapshotTest, NamesAFileThatMayNotBeRead) {
  root_.Write("secret", "text");
  ::chmod(root_.path().c_str(), 0755);
  ::chmod((root_.path() / "secret").c_str(), 0);
  const auto snapshot = Take(kSend);
  const WithoutPrivileges here;

  Read(*snapshot, "secret");

  EXPECT_EQ(status_.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status_.message()), HasSubstr("/secret: Permission denied"));
  EXPECT_THAT(snapshot->ChangedFiles(), IsEmpty());
}

}  // namespace
}  // namespace nopo
