#include "daemon/operations/build_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace nopo {
namespace {

const std::filesystem::path kRoot = "/shop";

class BuildListingTest : public testing::Test {
 protected:
  BuildListingTest() {
    builds_["lib:build"] = PackageBuild{
        .target = "lib", .command = "make", .dir = kRoot / "libs/lib", .outputs = {kRoot / "out"}};
    builds_["web:build"] = ImageBuild{.target = "web",
                                      .tag = "shop-web:local",
                                      .context_dir = kRoot / "apps/web",
                                      .dockerfile_name = "apps/web/Dockerfile",
                                      .dockerfile_text = "FROM scratch",
                                      .stage = "final",
                                      .build_args = {{"A", "1"}},
                                      .secrets = {{.id = "token", .file = "token.txt"}}};
    plan_ = Plan::Create({{.name = "lib:build"},
                          {.name = "web:build", .depends_on = {"lib:build"}},
                          {.name = "web:push", .depends_on = {"web:build"}}})
                .value();
  }
  ResultReady Describe() const { return DescribeBuilds(plan_, builds_, kRoot); }

  std::map<std::string, BuildTask> builds_;
  Plan plan_;
};

TEST_F(BuildListingTest, TextIsEachDockerfileUnderItsImage) {
  EXPECT_EQ(Describe().output,
            "# lib: package, on the host in libs/lib\nmake\n\n"
            "# web: shop-web:local, of apps/web by apps/web/Dockerfile, stage final\n"
            "FROM scratch\n");
}

TEST_F(BuildListingTest, JsonHasStagesAndBuildsInTheirOrder) {
  const boost::json::object plan = boost::json::parse(Describe().json).as_object();

  EXPECT_EQ(plan.at("stages"),
            boost::json::parse(R"([["lib:build"], ["web:build"], ["web:push"]])"));
  const boost::json::array& builds = plan.at("builds").as_array();
  ASSERT_EQ(builds.size(), 2u);
  EXPECT_EQ(builds[0].at("command"), "make");
  EXPECT_EQ(builds[0].at("outputs"), boost::json::parse(R"(["out"])"));
  EXPECT_EQ(builds[1].at("depends_on"), boost::json::parse(R"(["lib:build"])"));
  EXPECT_EQ(builds[1].at("context"), "apps/web");
  EXPECT_EQ(builds[1].at("args"), boost::json::parse(R"({"A": "1"})"));
}

TEST_F(BuildListingTest, SecretsAreNamedOnly) {
  const boost::json::object plan = boost::json::parse(Describe().json).as_object();

  EXPECT_EQ(plan.at("builds").as_array()[1].at("secrets"), boost::json::parse(R"(["token"])"));
}

TEST_F(BuildListingTest, SaysThatThereIsNothingToBuild) {
  EXPECT_EQ(DescribeBuilds(Plan(), {}, kRoot).summary, "nothing to build");
}

}  // namespace
}  // namespace nopo
