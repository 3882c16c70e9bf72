#include "daemon/rpc/response_translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using ::testing::ElementsAre;

TEST(ResponseTranslationTest, CarriesAProjectsNames) {
  const v1::DescribeProjectResponse proto =
      ProtoOf({.name = "Shop",
               .targets = {{.name = "web", .description = "Front end", .type = "service"}},
               .commands = {{.path = "check:py", .targets = {"api", "web"}}},
               .tags = {"a", "b"},
               .filter_terms = {"cpu"}});
  EXPECT_EQ(proto.name(), "Shop");
  ASSERT_EQ(proto.targets_size(), 1);
  EXPECT_EQ(proto.targets(0).name(), "web");
  EXPECT_EQ(proto.targets(0).description(), "Front end");
  EXPECT_EQ(proto.targets(0).type(), "service");
  ASSERT_EQ(proto.commands_size(), 1);
  EXPECT_EQ(proto.commands(0).path(), "check:py");
  EXPECT_THAT(proto.commands(0).targets(), ElementsAre("api", "web"));
  EXPECT_THAT(proto.tags(), ElementsAre("a", "b"));
  EXPECT_THAT(proto.filter_terms(), ElementsAre("cpu"));
}

TEST(ResponseTranslationTest, CarriesAChecksOutcome) {
  const v1::DiagnoseResponse::Check proto =
      ProtoOf(Check{.name = "git", .ok = false, .detail = "not found", .remedy = "install it"});
  EXPECT_EQ(proto.name(), "git");
  EXPECT_FALSE(proto.ok());
  EXPECT_EQ(proto.detail(), "not found");
  EXPECT_EQ(proto.remedy(), "install it");
}

}  // namespace
}  // namespace nopo
