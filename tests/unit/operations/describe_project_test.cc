#include "daemon/operations/describe_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

// "check:py of api web"
std::vector<std::string> CommandsOf(const ProjectDescription& description) {
  std::vector<std::string> lines;
  for (const auto& command : description.commands) {
    lines.push_back(absl::StrCat(command.path, " of ", absl::StrJoin(command.targets, " ")));
  }
  return lines;
}

TEST(DescribeProjectTest, NamesTargetsWithTheirTypes) {
  Project project = ProjectWith({AService("web", {}), APackage("lib", {Runs("lint", "x")})});
  project.targets[1].description = "Front end";

  const ProjectDescription description = DescribeProject(project);

  EXPECT_EQ(description.name, "Shop");
  ASSERT_EQ(description.targets.size(), 2);
  EXPECT_EQ(description.targets[0].name, "lib");
  EXPECT_EQ(description.targets[0].type, "package");
  EXPECT_EQ(description.targets[1].type, "service");
  EXPECT_EQ(description.targets[1].description, "Front end");
}

TEST(DescribeProjectTest, NamesTheRootWhereItHasCommands) {
  const ProjectDescription description =
      DescribeProject(ProjectWith({APackage("lib", {})}, {Runs("lint", "x")}));

  ASSERT_EQ(description.targets.size(), 2);
  EXPECT_EQ(description.targets[1].name, "root");
  EXPECT_THAT(CommandsOf(description), ElementsAre("lint of root"));
}

TEST(DescribeProjectTest, PutsEachCommandRightBeforeItsSubCommands) {
  const Command check = Groups("check", {Runs("py", "x"), Groups("types", {Runs("ts", "x")})});
  const ProjectDescription description = DescribeProject(ProjectWith(
      {AService("web", {check, Runs("check-all", "x")}), AService("api", {Runs("check", "x")})}));

  EXPECT_THAT(CommandsOf(description),
              ElementsAre("check of api web", "check:py of web", "check:types of web",
                          "check:types:ts of web", "check-all of web"));
}

TEST(DescribeProjectTest, NamesEachTagOnceAndWhatFiltersKnow) {
  Project project = ProjectWith({AService("api", {}), AService("web", {})});
  project.targets[0].tags = {"b", "a"};
  project.targets[1].tags = {"a"};

  const ProjectDescription description = DescribeProject(project);

  EXPECT_THAT(description.tags, ElementsAre("a", "b"));
  EXPECT_THAT(description.filter_terms,
              IsSupersetOf({"changed", "affected", "service", "has_database", "tags"}));
}

TEST(DescribeProjectTest, IsEmptyForAnEmptyProject) {
  EXPECT_THAT(DescribeProject(ProjectWith({})).targets, IsEmpty());
}

}  // namespace
}  // namespace nopo
