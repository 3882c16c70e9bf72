#include "daemon/services/service_stopper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

// "db:stop after web:stop [shop-db-1]", one line a task.
std::string Text(const std::vector<StopTask>& tasks) {
  std::string text;
  for (const StopTask& task : tasks) {
    absl::StrAppend(&text, task.name);
    if (!task.depends_on.empty()) {
      absl::StrAppend(&text, " after ", absl::StrJoin(task.depends_on, ","));
    }
    absl::StrAppend(&text, " [",
                    absl::StrJoin(task.containers, " ",
                                  [](std::string* out, const Container& container) {
                                    absl::StrAppend(out, container.name);
                                  }),
                    "]\n");
  }
  return text;
}

AContainer Needing(const std::string& service, const std::string& dependency) {
  return AContainer(service).Label(kLabelDependsOn, dependency + ":service_healthy:false");
}

TEST(PlanStopsTest, StopsDependentsBeforeWhatTheyDependOn) {
  const EngineSnapshot snapshot =
      AnEngineWith({AContainer("db"), Needing("web", "api"), Needing("api", "db")});

  EXPECT_EQ(Text(PlanStops(snapshot, "shop", {})),
            "api:stop after web:stop [shop-api-1]\n"
            "db:stop after api:stop [shop-db-1]\n"
            "web:stop [shop-web-1]\n");
}

TEST(PlanStopsTest, TakesOrphansAndOneOffContainersWithEverything) {
  const EngineSnapshot snapshot = AnEngineWith(
      {AContainer("web"), AContainer("web", 2).Label(kLabelOneOff, "True"), AContainer("gone")});

  EXPECT_EQ(Text(PlanStops(snapshot, "shop", {})),
            "gone:stop [shop-gone-1]\n"
            "web:stop [shop-web-1 shop-web-2]\n");
}

TEST(PlanStopsTest, TakesOnlyTheNamedServicesWithoutTheirOneOffContainers) {
  const EngineSnapshot snapshot = AnEngineWith(
      {Needing("web", "db"), AContainer("web", 2).Label(kLabelOneOff, "True"), AContainer("db")});

  const std::vector<StopTask> tasks = PlanStops(snapshot, "shop", {"web", "absent"});

  EXPECT_EQ(Text(tasks), "web:stop [shop-web-1]\n");
  EXPECT_EQ(tasks.at(0).reason, "requested");
}

TEST(PlanStopsTest, NeverTouchesAnotherProject) {
  const EngineSnapshot snapshot = AnEngineWith({AContainer("web").Label(kLabelProject, "blog")});

  EXPECT_TRUE(PlanStops(snapshot, "shop", {}).empty());
}

TEST(PlanStopsTest, HasNoOrderWhereLabelsContradictEachOther) {
  const EngineSnapshot snapshot = AnEngineWith({Needing("web", "api"), Needing("api", "web")});

  EXPECT_EQ(Text(PlanStops(snapshot, "shop", {})),
            "api:stop [shop-api-1]\n"
            "web:stop [shop-web-1]\n");
}

}  // namespace
}  // namespace nopo
