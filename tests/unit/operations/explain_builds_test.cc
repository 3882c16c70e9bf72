#include "daemon/operations/explain_builds.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

const std::vector<TaskExplanation> kExplanations = {
    {"api:build", "api", {.up_to_date = true, .reason = "inputs equal"}},
    {"web:build", "web", {.reason = "a.ts changed"}}};

TEST(RenderExplanationsTest, IsALineForEachTarget) {
  EXPECT_EQ(RenderExplanations(kExplanations, OutputFormat::kText),
            "api: up to date: inputs equal\nweb: a.ts changed\n");
}

TEST(RenderExplanationsTest, AsJsonTheyAreData) {
  EXPECT_EQ(RenderExplanations(kExplanations, OutputFormat::kJson),
            R"([{"name":"api","task":"api:build","up_to_date":true,"reason":"inputs equal"},)"
            R"({"name":"web","task":"web:build","up_to_date":false,"reason":"a.ts changed"}])"
            "\n");
}

TEST(RenderExplanationsTest, SaysThatThereIsNothingToBuild) {
  EXPECT_EQ(RenderExplanations({}, OutputFormat::kText), "nothing to build\n");
  EXPECT_EQ(RenderExplanations({}, OutputFormat::kJson), "[]\n");
}

}  // namespace
}  // namespace nopo
