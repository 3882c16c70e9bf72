#include "daemon/services/service_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

using testing::ElementsAre;

std::vector<std::string> Names(const std::vector<Container>& containers) {
  std::vector<std::string> names;
  for (const Container& container : containers) names.push_back(container.name);
  return names;
}

TEST(LogNameTest, LeavesTheProjectOut) {
  EXPECT_EQ(LogName("shop", "shop-web-1"), "web-1");
  EXPECT_EQ(LogName("shop", "own-name"), "own-name");
}

TEST(LoggedContainersTest, AreInTheOrderOfTheServicesAskedForThenByNumber) {
  const EngineSnapshot snapshot = AnEngineWith(
      {AContainer("api"), AContainer("db"), AContainer("web", 10), AContainer("web", 2)});

  EXPECT_THAT(Names(LoggedContainers(snapshot, {.project = "shop", .services = {"web", "api"}})),
              ElementsAre("shop-web-2", "shop-web-10", "shop-api-1"));
  EXPECT_THAT(Names(LoggedContainers(snapshot, {.project = "shop"})),
              ElementsAre("shop-api-1", "shop-db-1", "shop-web-2", "shop-web-10"));
}

TEST(LoggedContainersTest, LeaveOutOneOffsAndOtherProjects) {
  const EngineSnapshot snapshot = AnEngineWith({AContainer("web").Label(kLabelOneOff, "True"),
                                                AContainer("web", 2).Label(kLabelProject, "blog")});

  EXPECT_TRUE(LoggedContainers(snapshot, {.project = "shop"}).empty());
}

TEST(LoggedContainersTest, LeaveOutAnotherDirectorysOfTheSameName) {
  const EngineSnapshot snapshot =
      AnEngineWith({AContainer("web").Label(kLabelWorkingDir, "/other/shop"), AContainer("api")});

  EXPECT_THAT(
      Names(LoggedContainers(snapshot, {.project = "shop", .other_directories = {"/other/shop"}})),
      ElementsAre("shop-api-1"));
}

}  // namespace
}  // namespace nopo
