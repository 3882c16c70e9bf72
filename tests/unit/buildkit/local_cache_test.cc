#include "daemon/buildkit/local_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LocalCacheTest : public ::testing::Test {
 protected:
  CacheEntry Import() const { return {.type = "local", .attrs = {{"src", cache()}}}; }
  CacheEntry Export() const { return {.type = "local", .attrs = {{"dest", cache()}}}; }
  std::string cache() const { return directory_.path() / "cache"; }

  TempDirectory directory_;
};

TEST_F(LocalCacheTest, IsImportedByTheDigestThatWasExportedLast) {
  ASSERT_TRUE(TagLocalExports({Export()}, R"({"digest":"sha256:1"})").ok());
  ASSERT_TRUE(TagLocalExports({Export()}, R"({"digest":"sha256:2"})").ok());

  const std::vector<CacheEntry> imports = WithLocalDigests({Import()});

  ASSERT_THAT(imports, SizeIs(1));
  EXPECT_EQ(imports.front().attrs.at("digest"), "sha256:2");
}

TEST_F(LocalCacheTest, IsLeftOutWhereNothingIs) {
  EXPECT_THAT(WithLocalDigests({Import()}), IsEmpty());
}

TEST_F(LocalCacheTest, HoldsSeveralByTheirTags) {
  CacheEntry export_of_main = Export();
  export_of_main.attrs["tag"] = "main";
  ASSERT_TRUE(TagLocalExports({export_of_main}, R"({"digest":"sha256:1"})").ok());
  CacheEntry import_of_main = Import();
  import_of_main.attrs["tag"] = "main";

  EXPECT_THAT(WithLocalDigests({Import()}), IsEmpty());
  EXPECT_THAT(WithLocalDigests({import_of_main}), SizeIs(1));
}

TEST_F(LocalCacheTest, LeavesOtherCachesAndGivenDigestsAlone) {
  const CacheEntry registry{.type = "registry", .attrs = {{"ref", "r.example/c"}}};
  CacheEntry pinned = Import();
  pinned.attrs["digest"] = "sha256:9";

  EXPECT_THAT(WithLocalDigests({registry, pinned}), ElementsAre(registry, pinned));
}

TEST_F(LocalCacheTest, MayBeWrittenOnlyWhereItIsExported) {
  const auto read = LocalCacheStores({Import()}, {});
  const auto both = LocalCacheStores({Import()}, {Export()});

  EXPECT_FALSE(read.at("local:" + cache())->writable);
  EXPECT_TRUE(both.at("local:" + cache())->writable);
}

TEST_F(LocalCacheTest, NothingIsTaggedWhereNothingWasExported) {
  EXPECT_TRUE(TagLocalExports({Export()}, "").ok());

  EXPECT_FALSE(std::filesystem::exists(cache()));
}

}  // namespace
}  // namespace nopo
