#include "daemon/build/cache_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Keeps what is said to the user.
class Listener final : public EventSink {
 public:
  void Publish(Event event) override {
    if (const auto* log = std::get_if<LogWritten>(&event.fact)) lines.push_back(log->message);
  }
  std::vector<std::string> lines;
};

std::vector<std::string> TypesOf(const std::vector<CacheEntry>& entries) {
  std::vector<std::string> types;
  for (const CacheEntry& entry : entries) types.push_back(entry.type);
  return types;
}

class ChooseCachesTest : public ::testing::Test {
 protected:
  CacheSettings Choose(const CacheRequest& request = {}) {
    return ChooseCaches(
               request,
               [this](absl::string_view name) {
                 const auto found = variables_.find(std::string(name));
                 return found == variables_.end() ? std::string() : found->second;
               },
               listener_)
        .value();
  }
  void BeOnGithub() {
    variables_["GITHUB_ACTIONS"] = "true";
    variables_["ACTIONS_RUNTIME_TOKEN"] = "t";
    variables_["ACTIONS_CACHE_URL"] = "https://cache/";
  }

  std::map<std::string, std::string> variables_;
  Listener listener_;
};

TEST_F(ChooseCachesTest, LocallyTheEnginesOwnIsEnough) { EXPECT_TRUE(Choose().empty()); }

TEST_F(ChooseCachesTest, TakesTheVariables) {
  variables_["DOCKER_BUILDKIT_CACHE"] = "type=registry,ref=r.example/c";
  variables_["DOCKER_BUILDKIT_CACHE_TO"] = "type=inline";

  const CacheSettings caches = Choose();

  EXPECT_THAT(TypesOf(caches.from), ElementsAre("registry"));
  EXPECT_THAT(TypesOf(caches.to), ElementsAre("inline"));
}

TEST_F(ChooseCachesTest, OptionsWinOverTheVariables) {
  variables_["DOCKER_BUILDKIT_CACHE"] = "type=registry,ref=r.example/c";

  EXPECT_THAT(TypesOf(Choose({.from = {"type=inline", "type=s3"}}).from),
              ElementsAre("inline", "s3"));
}

TEST_F(ChooseCachesTest, OnGithubItsCacheIsUsedBothWays) {
  BeOnGithub();

  const CacheSettings caches = Choose();

  EXPECT_THAT(TypesOf(caches.from), ElementsAre("gha"));
  ASSERT_THAT(TypesOf(caches.to), ElementsAre("gha"));
  EXPECT_EQ(caches.to[0].attrs.at("mode"), "max");
  EXPECT_EQ(caches.to[0].attrs.at("token"), "t");
  EXPECT_THAT(listener_.lines, IsEmpty());
}

TEST_F(ChooseCachesTest, TheVariablesReplaceGithubsCache) {
  BeOnGithub();
  variables_["DOCKER_BUILDKIT_CACHE"] = "r.example/c";

  EXPECT_THAT(TypesOf(Choose().from), ElementsAre("registry"));
  EXPECT_THAT(Choose().to, IsEmpty());
}

TEST_F(ChooseCachesTest, WithoutTheRunnersTokenItOnlyWarns) {
  variables_["GITHUB_ACTIONS"] = "true";

  EXPECT_TRUE(Choose().empty());
  EXPECT_THAT(listener_.lines, ElementsAre(HasSubstr("ACTIONS_RUNTIME_TOKEN")));
}

CacheSettings Exporting(const std::string& type) { return {.to = {{.type = type}}}; }

TEST(CheckCachesTest, BuildKitWithManifestsCanDoAll) {
  Listener listener;

  EXPECT_THAT(CheckCaches(Exporting("registry"), {.has_manifests = true}, listener)->to, SizeIs(1));
}

TEST(CheckCachesTest, OthersCanOnlyPutItIntoTheImage) {
  Listener listener;

  EXPECT_THAT(CheckCaches(Exporting("inline"), {}, listener)->to, SizeIs(1));
  const absl::Status status = CheckCaches(Exporting("registry"), {}, listener).status();

  EXPECT_EQ(ReasonOf(status), Reason::kBuildFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("registry"));
  EXPECT_THAT(HintsOf(status), ElementsAre(HasSubstr("containerd")));
}

TEST(CheckCachesTest, GithubsCacheIsOnlyMissed) {
  Listener listener;
  CacheSettings settings = Exporting("gha");
  settings.from = {{.type = "gha"}, {.type = "registry"}};

  const absl::StatusOr<CacheSettings> caches = CheckCaches(settings, {}, listener);

  ASSERT_TRUE(caches.ok()) << caches.status();
  EXPECT_THAT(caches->to, IsEmpty());
  EXPECT_THAT(TypesOf(caches->from), ElementsAre("registry"));
  EXPECT_THAT(listener.lines, Not(IsEmpty()));
}

}  // namespace
}  // namespace nopo
