#include "common/debug_areas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/debug_log.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DebugAreasTest, HasTheAreasThatAreNamed) {
  const DebugAreas areas = DebugAreas::Parse("cache, build");

  EXPECT_TRUE(areas.Has(DebugArea::kCache));
  EXPECT_TRUE(areas.Has(DebugArea::kBuild));
  EXPECT_FALSE(areas.Has(DebugArea::kTiming));
}

TEST(DebugAreasTest, OneMeansAll) {
  const DebugAreas areas = DebugAreas::Parse("1");

  for (const DebugArea area :
       {DebugArea::kTiming, DebugArea::kCache, DebugArea::kBuild, DebugArea::kDeps, DebugArea::kEnv,
        DebugArea::kConfig, DebugArea::kContainer, DebugArea::kSync}) {
    EXPECT_TRUE(areas.Has(area)) << DebugAreaName(area);
  }
}

TEST(DebugAreasTest, NothingAndZeroMeanNone) {
  EXPECT_TRUE(DebugAreas::Parse("").empty());
  EXPECT_TRUE(DebugAreas::Parse("0").empty());
  EXPECT_TRUE(DebugAreas().empty());
}

TEST(DebugAreasTest, TakesTheNameOfEachArea) {
  std::vector<std::string> unknown;

  DebugAreas::Parse("timing,cache,build,deps,env,config,container,sync,service:web", &unknown);

  EXPECT_THAT(unknown, IsEmpty());
}

TEST(DebugAreasTest, KnowsServicesInAnyCase) {
  const DebugAreas areas = DebugAreas::Parse("service:Web");

  EXPECT_TRUE(areas.HasService("web"));
  EXPECT_FALSE(areas.HasService("api"));
  EXPECT_FALSE(areas.Has(DebugArea::kContainer));
}

TEST(DebugAreasTest, TellsWhatItDoesNotKnow) {
  std::vector<std::string> unknown;

  const DebugAreas areas = DebugAreas::Parse("express:*,cache,service:", &unknown);

  EXPECT_THAT(unknown, ElementsAre("express:*", "service:"));
  EXPECT_TRUE(areas.Has(DebugArea::kCache));
}

TEST(DebugAreasTest, NamesAllThatItTakes) {
  EXPECT_EQ(DebugAreaNames(),
            "timing, cache, build, deps, env, config, container, sync, service:NAME");
}

class Lines final : public DebugLog {
 public:
  explicit Lines(absl::string_view areas) : DebugLog(DebugAreas::Parse(areas)) {}
  std::vector<std::string> lines;

 private:
  void WriteDebug(std::string area, std::string message) override {
    lines.push_back(absl::StrCat(area, " ", message));
  }
};

TEST(DebugLogTest, DoesNotPutALineTogetherThatNobodyWants) {
  Lines log("cache");
  bool called = false;

  log.Debug(DebugArea::kBuild, [&] {
    called = true;
    return std::string("line");
  });

  EXPECT_FALSE(called);
  EXPECT_THAT(log.lines, IsEmpty());
}

TEST(DebugLogTest, WritesALineAboutAServiceUnderItsAreaOrUnderTheService) {
  Lines by_area("container,service:web"), by_service("service:WEB"), by_other("service:api");
  const auto text = [] { return std::string("started"); };

  by_area.DebugOf("web", DebugArea::kContainer, text);
  by_service.DebugOf("web", DebugArea::kContainer, text);
  by_other.DebugOf("web", DebugArea::kContainer, text);

  EXPECT_THAT(by_area.lines, ElementsAre("container started"));
  EXPECT_THAT(by_service.lines, ElementsAre("service:web started"));
  EXPECT_THAT(by_other.lines, IsEmpty());
}

TEST(DebugLogTest, HasOneThatWantsNothing) {
  NoDebugLog().Debug(DebugArea::kCache, []() -> std::string {
    ADD_FAILURE() << "put together for nobody";
    return "";
  });
}

}  // namespace
}  // namespace nopo
