#include "daemon/operations/plan_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <variant>

#include "daemon/events/collected_events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;

Plan BuildThenLint() {
  return Plan::Create({{.name = "web:lint", .depends_on = {"shared:build"}, .reason = "requested"},
                       {.name = "shared:build", .reason = "web needs it"}})
      .value();
}

// Keeps the results that an operation reports.
class Results final : public EventSink {
 public:
  void Publish(Event event) override { results.push_back(std::get<ResultReady>(event.fact)); }
  std::vector<ResultReady> results;
};

TEST(PlanListingTest, ListsStagesAndWhatEachTaskWouldRun) {
  const std::map<std::string, TaskListing> listings = {
      {"web:lint",
       {.target = "web",
        .command = "lint",
        .run = "npx eslint .",
        .in_container = true,
        .dir = "/app",
        .env = {{"CI", "1"}}}},
      {"shared:build", {.target = "shared", .command = "build", .run = "make", .dir = "/shop"}}};

  EXPECT_EQ(boost::json::parse(PlanJson(BuildThenLint(), listings)), boost::json::parse(R"({
    "stages": [["shared:build"], ["web:lint"]],
    "tasks": {
      "shared:build": {"target": "shared", "command": "build", "run": "make", "context": "host",
                       "dir": "/shop", "env": {}, "depends_on": [], "reason": "web needs it"},
      "web:lint": {"target": "web", "command": "lint", "run": "npx eslint .",
                   "context": "container", "dir": "/app", "env": {"CI": "1"},
                   "depends_on": ["shared:build"], "reason": "requested"}
    }})"));
}

TEST(PlanListingTest, ReportsADryRunAsStagesForPeopleAndJsonForPrograms) {
  Results events;
  ReportDryRun(BuildThenLint(), {}, events);

  ASSERT_EQ(events.results.size(), 1u);
  EXPECT_EQ(events.results[0].output, "Stage 1: [shared:build]\nStage 2: [web:lint]\n");
  EXPECT_EQ(events.results[0].json, PlanJson(BuildThenLint(), {}));
  EXPECT_EQ(events.results[0].summary, "");
}

TEST(PlanListingTest, SaysSoWhenNothingWouldRun) {
  Results events;
  ReportDryRun(Plan(), {}, events);

  EXPECT_EQ(events.results[0].summary, "nothing to do");
  EXPECT_EQ(events.results[0].json, R"({"stages":[],"tasks":{}})");
}

TEST(PlanListingTest, KnowsTheTargetOfATask) {
  EXPECT_EQ(TargetOfTask("web:build"), "web");
  EXPECT_EQ(TargetOfTask("web:check:py"), "web");
}

TEST(DebugPlanTest, SaysWhatEachTaskWaitsForAndWhyItIsThere) {
  CollectedEvents all(EventWishes{.debug = DebugAreas::Parse("deps")});
  CollectedEvents web(EventWishes{.debug = DebugAreas::Parse("service:web")});

  DebugPlan(BuildThenLint(), all);
  DebugPlan(BuildThenLint(), web);

  const auto lines = [](CollectedEvents& events) {
    std::vector<std::string> texts;
    for (const Event& event : events.Take())
      texts.push_back(std::get<LogWritten>(event.fact).message);
    return texts;
  };
  EXPECT_THAT(lines(all), ElementsAre("shared:build: waits for nothing; web needs it",
                                      "web:lint: after shared:build; requested"));
  EXPECT_THAT(lines(web), ElementsAre("web:lint: after shared:build; requested"));
}

}  // namespace
}  // namespace nopo
