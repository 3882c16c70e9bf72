// Caches besides BuildKit's own.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/runtime_paths.h"
#include "tests/integration/registry_fixture.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kBuildError = 5;
constexpr char kStoreOption[] = "containerd image store";

using CacheTest = RegistryTest;

// On an engine whose store is containerd's: the only one that writes caches beside images.
class ManifestStoreTest : public RegistryTest {
 protected:
  void SetUp() override {
    const std::string host = ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST_CONTAINERD");
    if (host.empty()) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST_CONTAINERD names no engine to test with";
    }
    SetEngine(host);
    RegistryTest::SetUp();
  }
};

TEST_F(CacheTest, AnInlineCacheTravelsInTheImage) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  Tag("web");

  const ProcessOutcome exported = Nopo({"build", "--push", "--cache-to", "type=inline"});

  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_TRUE(registry_->HasBlobWith("moby.buildkit.cache.v0"));
}

TEST_F(CacheTest, AnImportLooksAtTheRegistry) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  Tag("web");
  ASSERT_EQ(Nopo({"build", "--push", "--cache-to", "type=inline"}).exit_code, 0);
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\nRUN echo more > /more\n");

  environment()["DOCKER_BUILDKIT_CACHE"] = "type=inline";
  const ProcessOutcome build = Nopo({"build", "--progress=plain"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_THAT(build.err, HasSubstr(absl::StrCat("importing cache manifest from ", Tag("web"))));
}

TEST_F(CacheTest, AnImportThatIsNotThereCostsNothing) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n");
  Tag("web");

  const ProcessOutcome build = Nopo(
      {"build", "--cache-from", absl::StrCat("type=registry,ref=", registry_->address(), "/none")});

  EXPECT_EQ(build.exit_code, 0) << build.err;
}

TEST_F(CacheTest, WhatTheEngineCannotExportIsRefusedWithARemedy) {
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome build = Nopo({"build", "--cache-to", "type=registry,ref=127.0.0.1:1/cache"});

  EXPECT_EQ(build.exit_code, kBuildError);
  EXPECT_THAT(build.err,
              AllOf(HasSubstr("type registry"), HasSubstr(kStoreOption), HasSubstr("type=inline")));
}

TEST_F(CacheTest, ABadCacheIsABadArgument) {
  WriteService("web", "infrastructure: {}\n");

  EXPECT_EQ(Nopo({"build", "--cache-to", "ref=x,mode=max"}).exit_code, 3);
}

TEST_F(CacheTest, GithubsCacheIsMissedWithAWarningOnly) {
  WriteService("web", "infrastructure: {}\n");
  environment()["GITHUB_ACTIONS"] = "true";

  const ProcessOutcome without_token = Nopo({"build"});
  environment()["ACTIONS_RUNTIME_TOKEN"] = "t";
  environment()["ACTIONS_CACHE_URL"] = "http://127.0.0.1:1/";
  const ProcessOutcome with_token = Nopo({"build", "--no-cache"});

  EXPECT_EQ(without_token.exit_code, 0) << without_token.err;
  EXPECT_THAT(without_token.err, HasSubstr("ACTIONS_RUNTIME_TOKEN"));
  EXPECT_EQ(with_token.exit_code, 0) << with_token.err;
  EXPECT_THAT(with_token.err, HasSubstr(kStoreOption));
}

TEST_F(CacheTest, SeveralPlatformsTakeAStoreThatKeepsThem) {
  WriteService("web", "infrastructure: {}\n");
  environment()["DOCKER_PLATFORMS"] = "linux/amd64,linux/arm64";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kBuildError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("DOCKER_PLATFORMS"), HasSubstr(kStoreOption)));
}

TEST_F(CacheTest, ABuilderOfBuildxIsSaidToBeUnused) {
  WriteService("web", "infrastructure: {}\n");
  environment()["DOCKER_BUILDER"] = "remote";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_THAT(build.err, HasSubstr("DOCKER_BUILDER=remote is not used"));
}

TEST_F(ManifestStoreTest, EachTargetHasItsOwnCacheAtTheRegistry) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n", "RUN echo web > /what\n");
  WriteService("api", "infrastructure: {}\n", "RUN echo api > /what\n");
  Tag("web");
  Tag("api");
  const std::string cache = absl::StrCat("type=registry,ref=", registry_->address(), "/cache:main");

  environment()["DOCKER_BUILDKIT_CACHE_TO"] = absl::StrCat(cache, ",mode=max");
  const ProcessOutcome exported = Nopo({"build"});
  environment().erase("DOCKER_BUILDKIT_CACHE_TO");
  environment()["DOCKER_BUILDKIT_CACHE"] = cache;
  WriteService("web", "infrastructure: {}\n", "RUN echo web > /what\nRUN echo more > /more\n");
  const ProcessOutcome imported = Nopo({"build", "--progress=plain"});

  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_TRUE(registry_->Has("cache", "main-web"));
  EXPECT_TRUE(registry_->Has("cache", "main-api"));
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("/cache:main-web"));
}

TEST_F(ManifestStoreTest, ALocalCacheIsWrittenAndRead) {
  WriteService("web", "infrastructure: {}\n", absl::StrCat("RUN echo ", slug(), " > /what\n"));
  const std::string cache = (project().parent_path() / "cache").string();

  const ProcessOutcome missing = Nopo({"build", "--cache-from", "type=local,src=" + cache});
  const ProcessOutcome exported =
      Nopo({"build", "--no-cache", "--cache-to", "type=local,mode=max,dest=" + cache});
  WriteService("web", "infrastructure: {}\n",
               absl::StrCat("RUN echo ", slug(), " > /what\nRUN echo more > /more\n"));
  const ProcessOutcome imported =
      Nopo({"build", "--progress=plain", "--cache-from", "type=local,src=" + cache});

  EXPECT_EQ(missing.exit_code, 0) << missing.err;
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_TRUE(std::filesystem::exists(cache + "/web/index.json"));
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("importing cache manifest from local"));
  EXPECT_THAT(imported.err, Not(HasSubstr("ERROR")));
}

TEST_F(ManifestStoreTest, PushesFromTheStoreOfManifests) {
  StartGuardedRegistry();
  LogIn();
  WriteService("web", "infrastructure: {}\n");
  Tag("web");

  const ProcessOutcome build = Nopo({"build", "--push", "--output", "out.json"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
  EXPECT_THAT(Read("out.json"), Not(HasSubstr(R"("digest":"")")));
}

}  // namespace
}  // namespace nopo
