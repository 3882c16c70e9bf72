#include "daemon/operations/start_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/error.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// `service` starting only once `other` has reached `condition` and `commands` of it have run.
Target Awaiting(Target service, const std::string& other,
                DependencyCondition condition = DependencyCondition::kHealthy,
                std::vector<std::string> commands = {}) {
  service.infrastructure.depends_on.push_back(
      {.target = other, .condition = condition, .commands = std::move(commands)});
  return service;
}

// "web:start after api:start", in the order of the plan.
std::vector<std::string> TasksOf(const StartPlan& plan) {
  std::vector<std::string> lines;
  for (const Task& task : plan.tasks) {
    lines.push_back(task.name);
    if (task.depends_on.empty()) continue;
    absl::StrAppend(&lines.back(), " after ", absl::StrJoin(task.depends_on, ", "));
  }
  return lines;
}

class StartPlanTest : public testing::Test {
 protected:
  StartPlan PlanOf(std::vector<Target> targets, const std::vector<std::string>& requested,
                   bool with_dependencies = true) {
    project_ = ProjectWith(std::move(targets));
    std::vector<const Target*> services;
    for (const std::string& id : requested) services.push_back(project_.FindTarget(id));
    absl::StatusOr<StartPlan> plan = PlanStarts(project_, services, with_dependencies);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *std::move(plan) : StartPlan();
  }

  Project project_;  // The plan points into it.
};

TEST_F(StartPlanTest, StartsWhatARequestedServiceNeedsBeforeIt) {
  const StartPlan plan = PlanOf(
      {AService("web", {}, {"api"}), Awaiting(AService("api", {}), "db"), AService("db", {})},
      {"web"});

  EXPECT_THAT(TasksOf(plan),
              ElementsAre("api:start after db:start", "db:start", "web:start after api:start"));
  EXPECT_TRUE(plan.starts.at("web").requested);
  EXPECT_FALSE(plan.starts.at("db").requested);
}

TEST_F(StartPlanTest, SaysWhyEachServiceIsStarted) {
  const StartPlan plan = PlanOf({AService("web", {}, {"api"}), AService("api", {})}, {"web"});

  EXPECT_EQ(plan.tasks[0].reason, "needed by a requested service");
  EXPECT_EQ(plan.tasks[1].reason, "requested");
}

TEST_F(StartPlanTest, LooksThroughPackagesForServices) {
  const StartPlan plan =
      PlanOf({AService("web", {}, {"client"}), APackage("client", {}, {"protocol"}),
              APackage("protocol", {}, {"api"}), AService("api", {})},
             {"web"});
  EXPECT_THAT(TasksOf(plan), ElementsAre("api:start", "web:start after api:start"));
}

TEST_F(StartPlanTest, SaysWhereACycleStands) {
  Target web = AService("web", {});
  web.infrastructure.depends_on = {{.target = "web", .location = {"apps/web/nopo.yml", 1, 30}}};
  project_ = ProjectWith({web});

  const absl::Status status = PlanStarts(project_, {project_.FindTarget("web")}, true).status();

  EXPECT_EQ(status.message(),
            "apps/web/nopo.yml:1:30: infrastructure.depends_on: what is started depends on itself: "
            "web -> web");
}

TEST_F(StartPlanTest, PrintsACycleInOrderAlsoThroughPackages) {
  project_ = ProjectWith({AService("web", {}, {"api"}), AService("api", {}, {"client"}),
                          APackage("client", {}, {"web"})});

  const absl::Status status = PlanStarts(project_, {project_.FindTarget("web")}, true).status();

  EXPECT_EQ(ExitCodeOf(status), kExitConfiguration);
  EXPECT_EQ(status.message(),
            "nopo.yml:7:3: dependencies: what is started depends on itself: api -> client -> web "
            "-> api");
}

TEST_F(StartPlanTest, ACommandOfAPackageRunsOnceItsServicesAreUp) {
  const StartPlan plan =
      PlanOf({Awaiting(AService("web", {}), "schema", DependencyCondition::kHealthy, {"migrate"}),
              APackage("schema", {Runs("migrate", "./migrate")}, {"db"}), AService("db", {})},
             {"web"});

  EXPECT_THAT(TasksOf(plan), ElementsAre("db:start", "web:start after db:start"));
  EXPECT_THAT(plan.commands.at("schema:migrate").after, ElementsAre("db:start"));
}

TEST_F(StartPlanTest, TakesAChainOfServicesAndPackages) {
  std::vector<Target> targets = {AService("t0", {})};
  for (int i = 1; i < 2000; ++i) {
    const std::string id = absl::StrCat("t", i), before = absl::StrCat("t", i - 1);
    targets.push_back(i % 2 == 0 ? AService(id, {}, {before}) : APackage(id, {}, {before}));
  }
  EXPECT_EQ(PlanOf(std::move(targets), {"t1998"}).tasks.size(), 1000u);
}

TEST_F(StartPlanTest, LeavesDependenciesOutOnRequestButKeepsTheOrder) {
  const std::vector<Target> targets = {AService("web", {}, {"api"}),
                                       Awaiting(AService("api", {}), "db"), AService("db", {})};

  EXPECT_THAT(TasksOf(PlanOf(targets, {"web"}, false)), ElementsAre("web:start"));
  EXPECT_THAT(TasksOf(PlanOf(targets, {"web", "api"}, false)),
              ElementsAre("api:start", "web:start after api:start"));
}

TEST_F(StartPlanTest, DoesNotWaitForTheEndOfAStartWhereStartedIsEnough) {
  const StartPlan plan = PlanOf(
      {Awaiting(AService("web", {}), "db", DependencyCondition::kStarted), AService("db", {})},
      {"web"});
  EXPECT_THAT(plan.tasks[0].after_under_way, IsEmpty());
  EXPECT_THAT(plan.tasks[1].after_under_way, ElementsAre("db:start"));
}

TEST_F(StartPlanTest, TakesTheConditionOfTheServiceOverTheServiceLevel) {
  const StartPlan plan =
      PlanOf({Awaiting(AService("web", {}, {"db"}), "db", DependencyCondition::kStarted),
              AService("db", {})},
             {"web"});
  EXPECT_EQ(plan.starts.at("db").awaited, DependencyCondition::kStarted);
}

TEST_F(StartPlanTest, AwaitsTheStrictestConditionThatAnybodyHas) {
  const StartPlan plan =
      PlanOf({Awaiting(AService("web", {}), "db", DependencyCondition::kStarted),
              Awaiting(AService("job", {}), "db", DependencyCondition::kHealthy),
              Awaiting(AService("api", {}), "db", DependencyCondition::kCompletedSuccessfully),
              AService("db", {})},
             {"web", "job", "api"});

  EXPECT_EQ(plan.starts.at("db").awaited, DependencyCondition::kCompletedSuccessfully);
  EXPECT_EQ(plan.starts.at("web").awaited, std::nullopt);
}

TEST_F(StartPlanTest, RunsACommandOnceBetweenTheStartsThatNeedIt) {
  const auto migrated = [](const std::string& id) {
    return Awaiting(AService(id, {}), "db", DependencyCondition::kHealthy, {"migrate"});
  };
  const StartPlan plan =
      PlanOf({migrated("web"), migrated("api"), AService("db", {Runs("migrate", "./migrate")})},
             {"web", "api"});

  EXPECT_THAT(TasksOf(plan),
              ElementsAre("api:start after db:start", "db:start", "web:start after db:start"));
  ASSERT_THAT(plan.commands, ElementsAre(Pair("db:migrate", testing::_)));
  const StartPlan::CommandBefore& before = plan.commands.at("db:migrate");
  EXPECT_EQ(before.wanted.dependent, "api:start");
  EXPECT_EQ(before.wanted.command, "migrate");
  EXPECT_THAT(before.dependents, ElementsAre("api", "web"));
  EXPECT_THAT(before.after, ElementsAre("db:start"));
}

TEST_F(StartPlanTest, TellsWhichServicesAreUpWhenACommandRuns) {
  const StartPlan plan =
      PlanOf({Awaiting(AService("web", {}, {"mail"}), "db", DependencyCondition::kHealthy, {"x"}),
              AService("db", {Runs("x", "x")}, {"client"}), APackage("client", {}, {"cache"}),
              AService("cache", {}), AService("mail", {})},
             {"web"});

  EXPECT_THAT(plan.commands.at("db:x").up, ElementsAre("cache", "db"));
}

TEST_F(StartPlanTest, NeverKeepsAJobFromOthersWhileItWaits) {
  EXPECT_TRUE(PlanOf({AService("web", {})}, {"web"}).tasks[0].waits);
}

}  // namespace
}  // namespace nopo
