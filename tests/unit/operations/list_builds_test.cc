#include "daemon/operations/list_builds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace nopo {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

BuildHistoryEntry AnImage() {
  return {.target = "web",
          .tag = "shop-web:local",
          .started = kNow - absl::Seconds(90),
          .duration = absl::Milliseconds(1500),
          .outcome = "built",
          .reason = "apps/web/a.ts changed",
          .steps = 5,
          .cached_steps = 3,
          .bytes_sent = 2000,
          .image_bytes = 3'000'000,
          .image_id = "sha256:1"};
}

TEST(RenderBuildsTest, IsATableWithAgesAndReasons) {
  EXPECT_EQ(RenderBuilds({AnImage()}, kNow, OutputFormat::kText),
            "TARGET  STARTED     TOOK  OUTCOME  CACHED  SENT  SIZE    REASON\n"
            "web     1m 30s ago  1.5s  built    3/5     2 kB  3.0 MB  apps/web/a.ts changed\n");
}

TEST(RenderBuildsTest, LeavesOutWhatPackagesDoNotHave) {
  const BuildHistoryEntry package{
      .target = "lib", .started = kNow, .outcome = "built", .reason = "asked for"};

  EXPECT_THAT(RenderBuilds({package}, kNow, OutputFormat::kText),
              HasSubstr("built    -       -     -     asked for\n"));
}

TEST(RenderBuildsTest, AddsTheErrorOfAFailedOne) {
  BuildHistoryEntry failed = AnImage();
  failed.outcome = "failed";
  failed.error = "exit code: 1";

  EXPECT_THAT(RenderBuilds({failed}, kNow, OutputFormat::kText),
              HasSubstr("apps/web/a.ts changed; exit code: 1\n"));
}

TEST(RenderBuildsTest, SaysThatThereAreNone) {
  EXPECT_EQ(RenderBuilds({}, kNow, OutputFormat::kText), "no builds on record\n");
  EXPECT_EQ(RenderBuilds({}, kNow, OutputFormat::kJson), "[]\n");
}

TEST(RenderBuildsTest, AsJsonHasEverythingOnRecord) {
  const boost::json::value json =
      boost::json::parse(RenderBuilds({AnImage()}, kNow, OutputFormat::kJson));

  const boost::json::array expected = {{{"name", "web"},
                                        {"tag", "shop-web:local"},
                                        {"started", "2023-11-14T22:11:50+00:00"},
                                        {"duration_s", 1.5},
                                        {"outcome", "built"},
                                        {"reason", "apps/web/a.ts changed"},
                                        {"error", ""},
                                        {"steps", 5},
                                        {"cached_steps", 3},
                                        {"bytes_sent", 2000},
                                        {"image_bytes", 3'000'000},
                                        {"image_id", "sha256:1"}}};
  EXPECT_EQ(json, expected);
}

}  // namespace
}  // namespace nopo
