#include "daemon/buildkit/follow_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FollowPathsTest : public testing::Test {
 protected:
  void Link(const std::string& name, const std::string& target) {
    const std::filesystem::path link = root_.path() / name;
    std::filesystem::create_directories(link.parent_path());
    std::filesystem::create_symlink(target, link);
  }

  std::vector<std::string> Follow(const std::vector<std::string>& paths) {
    const auto followed = FollowPaths(root_.path(), paths);
    EXPECT_TRUE(followed.ok()) << followed.status();
    return followed.value_or(std::vector<std::string>{"error"});
  }

  TempDirectory root_;
};

TEST_F(FollowPathsTest, KeepsPathsWithoutLinksWhetherTheyExistOrNot) {
  root_.Write("app/file", "");

  EXPECT_THAT(Follow({"nowhere/x", "./app/", "/app/file"}),
              ElementsAre("app", "app/file", "nowhere/x"));
}

TEST_F(FollowPathsTest, AddsALinkAndItsTarget) {
  Link("a/link", "../b/file");

  EXPECT_THAT(Follow({"a/link"}), ElementsAre("a/link", "b/file"));
}

TEST_F(FollowPathsTest, FollowsALinkInTheMiddleOfAPath) {
  Link("link", "real/dir");
  Link("real/dir/again", "/top");

  EXPECT_THAT(Follow({"link/again/x"}), ElementsAre("link", "real/dir/again", "top/x"));
}

TEST_F(FollowPathsTest, FollowsOneLinkForSeveralPaths) {
  Link("link", "real");

  EXPECT_THAT(Follow({"link/x", "link/y"}), ElementsAre("link", "real/x", "real/y"));
}

TEST_F(FollowPathsTest, ExpandsAWildcardOverLinksOnly) {
  root_.Write("libs/plain", "");
  Link("libs/one", "../store/1");
  Link("libs/two", "../store/2");

  EXPECT_THAT(Follow({"libs/*"}), ElementsAre("libs/*", "store/1", "store/2"));
}

TEST_F(FollowPathsTest, KeepsTargetsInsideTheRoot) {
  Link("up", "../../../etc/passwd");

  EXPECT_THAT(Follow({"up"}), ElementsAre("etc/passwd", "up"));
}

TEST_F(FollowPathsTest, RestrictsNothingWhenTheRootIsATarget) {
  Link("self", ".");

  EXPECT_THAT(Follow({"self", "other"}), IsEmpty());
  EXPECT_THAT(Follow({"/"}), IsEmpty());
}

TEST_F(FollowPathsTest, EndsOnLinksThatLeadToThemselves) {
  Link("a", "b");
  Link("b", "a");
  Link("grows", "grows/more");

  EXPECT_THAT(Follow({"a"}), ElementsAre("a", "b"));
  EXPECT_THAT(Follow({"grows"}), ElementsAre("grows"));
}

}  // namespace
}  // namespace nopo
