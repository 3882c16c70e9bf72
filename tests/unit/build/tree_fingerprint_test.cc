#include "daemon/build/tree_fingerprint.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

class TreeFingerprintTest : public testing::Test {
 protected:
  TreeFingerprintTest() {
    tree_.Write("a.txt", "one");
    tree_.Write("src/b.txt", "two");
    tree_.Write("dist/c.txt", "three");
  }

  TreeFingerprint Take(const std::vector<std::string>& ignored = {}) const {
    const auto ignore = IgnorePatterns::Create(ignored);
    const auto fingerprint = FingerprintTree(tree_.path(), *ignore);
    EXPECT_TRUE(fingerprint.ok()) << fingerprint.status();
    return fingerprint.value_or(TreeFingerprint());
  }
  std::string Digest(const std::vector<std::string>& ignored = {}) const {
    return Take(ignored).digest;
  }

  TemporaryTree tree_;
};

TEST_F(TreeFingerprintTest, IsTheSameForTheSameFiles) { EXPECT_EQ(Digest(), Digest()); }

TEST_F(TreeFingerprintTest, CountsWhatItSaw) {
  EXPECT_EQ(Take().entries, 5);
  EXPECT_EQ(Take({"dist"}).entries, 3);
}

TEST_F(TreeFingerprintTest, SeesAnEdit) {
  const std::string before = Digest();
  tree_.Write("src/b.txt", "changed");
  EXPECT_NE(Digest(), before);
}

TEST_F(TreeFingerprintTest, SeesAnEditOfTheSameSizeWhoseTimeWasPutBack) {
  const std::filesystem::path file = tree_.path() / "a.txt";
  const auto time = std::filesystem::last_write_time(file);
  tree_.Settle();
  const std::string before = Digest();

  tree_.Write("a.txt", "uno");
  std::filesystem::last_write_time(file, time);

  EXPECT_NE(Digest(), before);
}

TEST_F(TreeFingerprintTest, SeesAFileReplacedByAnother) {
  const std::string before = Digest();
  tree_.Write("new", "one");
  std::filesystem::rename(tree_.path() / "new", tree_.path() / "a.txt");
  EXPECT_NE(Digest(), before);
}

TEST_F(TreeFingerprintTest, SeesAnAddedARemovedAndARenamedFile) {
  const std::string before = Digest();
  tree_.Write("src/d.txt", "");
  const std::string added = Digest();
  std::filesystem::rename(tree_.path() / "src/d.txt", tree_.path() / "src/e.txt");
  const std::string renamed = Digest();
  std::filesystem::remove(tree_.path() / "src/e.txt");

  EXPECT_NE(added, before);
  EXPECT_NE(renamed, added);
  EXPECT_EQ(Digest(), before);
}

TEST_F(TreeFingerprintTest, SeesModesOfFilesAndDirectories) {
  const std::string before = Digest();
  std::filesystem::permissions(tree_.path() / "a.txt", std::filesystem::perms(0755));
  const std::string file = Digest();
  std::filesystem::permissions(tree_.path() / "src", std::filesystem::perms(0700));

  EXPECT_NE(file, before);
  EXPECT_NE(Digest(), file);
}

TEST_F(TreeFingerprintTest, SeesAnEmptyDirectory) {
  const std::string before = Digest();
  std::filesystem::create_directory(tree_.path() / "empty");
  EXPECT_NE(Digest(), before);
}

TEST_F(TreeFingerprintTest, SeesWhereALinkPointsAndDoesNotFollowIt) {
  TemporaryTree elsewhere;
  const std::filesystem::path link = tree_.path() / "link";
  std::filesystem::create_symlink(elsewhere.path(), link);
  const std::string before = Digest();
  elsewhere.Write("file", "");
  EXPECT_EQ(Digest(), before);

  std::filesystem::remove(link);
  std::filesystem::create_symlink("nowhere", link);
  EXPECT_NE(Digest(), before);
}

TEST_F(TreeFingerprintTest, IgnoredFilesDoNotCount) {
  const std::string before = Digest({"dist", "**/*.log"});
  tree_.Write("dist/c.txt", "changed");
  tree_.Write("dist/deep/d.txt", "new");
  tree_.Write("src/x.log", "new");
  EXPECT_EQ(Digest({"dist", "**/*.log"}), before);
}

TEST_F(TreeFingerprintTest, WhatIsIncludedAgainCounts) {
  const std::vector<std::string> ignored = {"dist", "!dist/c.txt"};
  const std::string before = Digest(ignored);
  tree_.Write("dist/other", "new");
  EXPECT_EQ(Digest(ignored), before);

  tree_.Write("dist/c.txt", "changed");
  EXPECT_NE(Digest(ignored), before);
}

TEST_F(TreeFingerprintTest, IsSettledOnceTheClockHasMovedOn) {
  struct stat status;
  tree_.Write("z.txt", "last");
  ASSERT_EQ(stat((tree_.path() / "z.txt").c_str(), &status), 0);
  const absl::Time written = absl::TimeFromTimespec(status.st_ctim);
  const auto settled_at = [&](absl::Time now, const std::vector<std::string>& ignored) {
    return FingerprintTree(tree_.path(), *IgnorePatterns::Create(ignored), now)->settled;
  };

  EXPECT_FALSE(settled_at(written + absl::Milliseconds(5), {}));
  EXPECT_TRUE(settled_at(written + absl::Milliseconds(50), {}));
  EXPECT_TRUE(settled_at(written + absl::Milliseconds(5), {"**"}));
  EXPECT_FALSE(settled_at(written - absl::Hours(1), {})) << "the clock was put back";
}

TEST_F(TreeFingerprintTest, TakesASingleFile) {
  const auto before = FingerprintTree(tree_.path() / "a.txt", IgnorePatterns());
  tree_.Write("a.txt", "changed");
  const auto after = FingerprintTree(tree_.path() / "a.txt", IgnorePatterns());
  EXPECT_EQ(before->entries, 1);
  EXPECT_NE(before->digest, after->digest);
}

TEST_F(TreeFingerprintTest, GoesAsDeepAsPathsMay) {
  std::string path = "deep";
  while (path.size() < 3000) path += "/directory";
  tree_.Write(path + "/file", "");
  EXPECT_GT(Take().entries, 300);
}

TEST_F(TreeFingerprintTest, AMissingRootIsAnError) {
  const auto missing = FingerprintTree(tree_.path() / "missing", IgnorePatterns());
  EXPECT_TRUE(absl::IsNotFound(missing.status()));
}

TEST_F(TreeFingerprintTest, AnUnreadableDirectoryIsAnErrorUnlessIgnored) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  std::filesystem::permissions(tree_.path() / "src", std::filesystem::perms(0));

  const auto failed = FingerprintTree(tree_.path(), IgnorePatterns());

  EXPECT_EQ(ReasonOf(failed.status()), Reason::kPermission);
  EXPECT_EQ(Take({"src"}).entries, 3);
  std::filesystem::permissions(tree_.path() / "src", std::filesystem::perms(0700));
}

}  // namespace
}  // namespace nopo
