#include "daemon/docker/types.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(NormalizedTagTest, NamesWhatTheEngineListsWhateverTheSpelling) {
  EXPECT_EQ(NormalizedTag("shop"), "shop:latest");
  EXPECT_EQ(NormalizedTag("shop:local"), "shop:local");
  EXPECT_EQ(NormalizedTag("nginx"), "nginx:latest");
  EXPECT_EQ(NormalizedTag("library/nginx:1"), "nginx:1");
  EXPECT_EQ(NormalizedTag("docker.io/library/nginx:1"), "nginx:1");
  EXPECT_EQ(NormalizedTag("index.docker.io/me/shop"), "me/shop:latest");
}

TEST(NormalizedTagTest, DoesNotTakeARegistrysPortForATag) {
  EXPECT_EQ(NormalizedTag("localhost:5000/shop"), "localhost:5000/shop:latest");
  EXPECT_EQ(NormalizedTag("localhost:5000/shop:1"), "localhost:5000/shop:1");
}

TEST(NormalizedTagTest, KeepsALongerPathUnderLibrary) {
  EXPECT_EQ(NormalizedTag("library/nginx/x:1"), "library/nginx/x:1");
}

TEST(NormalizedTagTest, LetsADigestWinOverATag) {
  EXPECT_EQ(NormalizedTag("nginx:1@sha256:00"), "nginx@sha256:00");
  EXPECT_EQ(NormalizedTag("docker.io/library/nginx@sha256:00"), "nginx@sha256:00");
}

TEST(NormalizedTagTest, LeavesAnIdAlone) {
  EXPECT_EQ(NormalizedTag("sha256:0b97319ee8a0"), "sha256:0b97319ee8a0");
}

TEST(EngineVersionTest, ComparesVersionsAsNumbers) {
  const EngineVersion version{.api_version = "1.41"};

  EXPECT_TRUE(version.ApiAtLeast(1, 41));
  EXPECT_TRUE(version.ApiAtLeast(1, 9));
  EXPECT_FALSE(version.ApiAtLeast(1, 44));
  EXPECT_FALSE(version.ApiAtLeast(2, 0));
}

TEST(EngineVersionTest, IsNoVersionAtAllWhenItCannotBeRead) {
  EXPECT_FALSE(EngineVersion{.api_version = ""}.ApiAtLeast(1, 0));
}

}  // namespace
}  // namespace nopo
