#include "daemon/graph/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> NamesOf(const Plan& plan) {
  std::vector<std::string> names;
  for (const Task& task : plan.tasks()) names.push_back(task.name);
  return names;
}

TEST(PlanTest, ListsDependenciesFirstAndEqualsByName) {
  const absl::StatusOr<Plan> plan =
      Plan::Create({{"web:build", {"api:build"}}, {"zoo:build"}, {"api:build"}});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(NamesOf(*plan), ElementsAre("api:build", "web:build", "zoo:build"));
}

TEST(PlanTest, SortsDependenciesAndDropsRepeats) {
  const absl::StatusOr<Plan> plan =
      Plan::Create({{"web:build", {"b:build", "a:build", "b:build"}}, {"a:build"}, {"b:build"}});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->Find("web:build")->depends_on, ElementsAre("a:build", "b:build"));
}

TEST(PlanTest, FindsTasksByName) {
  const absl::StatusOr<Plan> plan = Plan::Create({{"web:lint", {}, "requested"}});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->Find("web:lint")->reason, "requested");
  EXPECT_EQ(plan->Find("api:lint"), nullptr);
}

TEST(PlanTest, ACycleIsAnErrorThatShowsIt) {
  const absl::Status status = Plan::Create({{"web", {"api"}}, {"api", {"web"}}}).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "these tasks wait for each other: api -> web -> api");
  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
}

TEST(PlanTest, ADependencyThatIsNoTaskIsAnInternalError) {
  const absl::Status status = Plan::Create({{"web", {"api"}}}).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("web depends on api"));
}

TEST(PlanTest, TwoTasksOfOneNameAreAnInternalError) {
  EXPECT_EQ(Plan::Create({{"web"}, {"web"}}).status().code(), absl::StatusCode::kInternal);
}

TEST(PlanTest, StagesAreLongestPathLevels) {
  const absl::StatusOr<Plan> plan =
      Plan::Create({{"shared:build"},
                    {"backend:build", {"shared:build"}},
                    {"api:build", {"shared:build"}},
                    {"web:build", {"backend:build", "shared:build"}}});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(StagesText(*plan),
            "Stage 1: [shared:build]\n"
            "Stage 2: [api:build, backend:build]\n"
            "Stage 3: [web:build]\n");
}

TEST(PlanTest, AnEmptyPlanHasNoStages) {
  const absl::StatusOr<Plan> plan = Plan::Create({});

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->empty());
  EXPECT_THAT(plan->Stages(), IsEmpty());
}

TEST(PlanTest, AChainOfTwoThousandHasAsManyStages) {
  std::vector<Task> tasks = {{"t0"}};
  for (int i = 1; i < 2000; ++i) {
    tasks.push_back({absl::StrCat("t", i), {absl::StrCat("t", i - 1)}});
  }

  const absl::StatusOr<Plan> plan = Plan::Create(std::move(tasks));

  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->Stages(), SizeIs(2000));
}

}  // namespace
}  // namespace nopo
