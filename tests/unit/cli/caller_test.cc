#include "cli/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "nopo/v1/request.pb.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;

v1::Caller CallerOf(const Arguments& arguments) {
  v1::Caller caller;
  EXPECT_TRUE(FillCaller(arguments, caller).ok());
  return caller;
}

TEST(CallerTest, TellsWhereAndAsWhatTheProcessRuns) {
  ::setenv("NOPO_CALLER_TEST", "a=b", 1);
  const mode_t before = ::umask(0027);
  const v1::Caller caller = CallerOf({});
  EXPECT_EQ(::umask(before), 0027) << "asking must not change it";
  EXPECT_EQ(caller.umask(), 0027);
  EXPECT_EQ(caller.working_dir(), std::filesystem::current_path());
  EXPECT_EQ(caller.environment().at("NOPO_CALLER_TEST"), "a=b");
}

TEST(CallerTest, MakesTheProjectsFolderAbsolute) {
  EXPECT_EQ(CallerOf({.project = "../shop/."}).project_dir(),
            (std::filesystem::current_path().parent_path() / "shop" / "").string());
  EXPECT_EQ(CallerOf({.project = "/srv/shop"}).project_dir(), "/srv/shop");
}

TEST(CallerTest, TakesTheProjectFromRootDirUnlessOneIsNamed) {
  ::setenv("ROOT_DIR", "/srv/other", 1);
  EXPECT_EQ(CallerOf({}).project_dir(), "/srv/other");
  EXPECT_EQ(CallerOf({.project = "/srv/shop"}).project_dir(), "/srv/shop");
  ::unsetenv("ROOT_DIR");
  EXPECT_EQ(CallerOf({}).project_dir(), "");
}

TEST(CallerTest, SelectsTheTargetsThatTheWordsName) {
  v1::Selection selection;
  FillSelection({.words = {"web", "."},
                 .selection = {.filters = {"buildable"}, .tags = {"a"}, .since = "main"}},
                selection);
  EXPECT_THAT(selection.targets(), ElementsAre("web", "."));
  EXPECT_THAT(selection.filters(), ElementsAre("buildable"));
  EXPECT_THAT(selection.tags(), ElementsAre("a"));
  EXPECT_EQ(selection.since(), "main");
}

}  // namespace
}  // namespace nopo
