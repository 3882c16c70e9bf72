#include "daemon/project/services_dirs.h"

#include "daemon/project/glob.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Ids of the targets that `dirs` finds among a fixed set of files.
std::vector<std::string> TargetsOf(const std::string& dirs) {
  TemporaryProject files;
  for (const char* dir : {"apps/web", "apps/web/plugins/p", "apps/api", "libs/a/a1", "libs/a/a2",
                          "libs/old/o1", "libs/.hidden/h1", "apps/node_modules", "apps/.git"}) {
    files.Write(std::string(dir) + "/nopo.yml", "");
  }
  files.Write("apps/nothing/readme", "").Write("elsewhere/nopo.yml", "");
  std::filesystem::create_directory_symlink(files.root() / "elsewhere", files.root() / "apps/link");
  files.Write("nopo.yml", "name: shop\nservices: {dirs: " + dirs + "}\n");
  return files.Load()->TargetIds();
}

TEST(ServicesDirsTest, AreAppsUnlessSaidOtherwise) {
  EXPECT_THAT(TargetsOf("[]"), ElementsAre("api", "web"));
  EXPECT_THAT(TargetsOf("['!apps/api']"), ElementsAre("web"));
}

TEST(ServicesDirsTest, HoldTargetsInTheirChildrenButNotDeeper) {
  EXPECT_THAT(TargetsOf("[apps]"), ElementsAre("api", "web"));
  EXPECT_THAT(TargetsOf("[apps/web/plugins/]"), ElementsAre("p"));
  EXPECT_THAT(TargetsOf("[.]"), ElementsAre("elsewhere"));
}

TEST(ServicesDirsTest, MayBeGlobs) {
  EXPECT_THAT(TargetsOf("['./libs/*']"), ElementsAre("a1", "a2", "o1"));
  EXPECT_THAT(TargetsOf("['libs/[a-b]']"), ElementsAre("a1", "a2"));
  EXPECT_THAT(TargetsOf("['**/plugins']"), ElementsAre("p"));
  EXPECT_THAT(TargetsOf("['libs/**']"), ElementsAre("a1", "a2", "o1"));
  EXPECT_THAT(TargetsOf("['libs/.hid*', 'nothing*']"), ElementsAre("h1"));
  EXPECT_THAT(TargetsOf("[libs/a, 'libs/*']"), ElementsAre("a1", "a2", "o1")) << "each once";
}

TEST(ServicesDirsTest, CanBeExcludedLikeTargets) {
  EXPECT_THAT(TargetsOf("['libs/*', '!libs/old']"), ElementsAre("a1", "a2"));
  EXPECT_THAT(TargetsOf("['!libs/a/a1', 'libs/a']"), ElementsAre("a2"));
  EXPECT_THAT(TargetsOf("['libs/**', '!**/o1']"), ElementsAre("a1", "a2"));
  EXPECT_THAT(TargetsOf("['libs/**', '!libs']"), IsEmpty());
}

TEST(ServicesDirsTest, DefaultMayBeMissing) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  EXPECT_THAT(files.Load()->targets, IsEmpty());
  EXPECT_THAT(files.Load()->services_dirs, ElementsAre(files.root() / "apps"));
}

TEST(MatchesPathTest, TakesNoExponentialTime) {
  std::vector<std::string> pattern, path(200, "a");
  for (int i = 0; i < 50; ++i) pattern.insert(pattern.end(), {"**", "a"});
  pattern.push_back("b");
  EXPECT_FALSE(MatchesPath(pattern, path));
  pattern.back() = "a";
  EXPECT_TRUE(MatchesPath(pattern, path));
}

}  // namespace
}  // namespace nopo
