#include "daemon/build/cache_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CacheEntry Entry(const std::string& type, const std::map<std::string, std::string>& attrs) {
  return {.type = type, .attrs = attrs};
}

std::vector<CacheEntry> Parse(const std::string& text) {
  return ParseCacheEntries(text, "DOCKER_BUILDKIT_CACHE").value();
}

const CacheScope kWeb = {
    .project = "shop", .root = "/home/ann/shop", .target = "web", .image = "r.example/shop-web:1"};

CacheSettings From(const std::string& text) { return ScopedTo(kWeb, {.from = Parse(text)}); }
CacheSettings To(const std::string& text) { return ScopedTo(kWeb, {.to = Parse(text)}); }

TEST(ParseCacheEntriesTest, ReadsTypeAndAttributes) {
  EXPECT_THAT(Parse("type=registry,ref=r.example/c:1,mode=max"),
              ElementsAre(Entry("registry", {{"ref", "r.example/c:1"}, {"mode", "max"}})));
}

TEST(ParseCacheEntriesTest, TakesSeveralApartBySemicolonsOrLines) {
  EXPECT_THAT(Parse("type=gha; type=inline\n\ntype=local,src=a=b;"),
              ElementsAre(Entry("gha", {}), Entry("inline", {}), Entry("local", {{"src", "a=b"}})));
}

TEST(ParseCacheEntriesTest, ABareReferenceIsARegistrys) {
  EXPECT_THAT(Parse("r.example/c"), ElementsAre(Entry("registry", {{"ref", "r.example/c"}})));
}

TEST(ParseCacheEntriesTest, SaysWhatIsWrongAndWhere) {
  for (const char* text : {"ref=r.example/c", "type=local,src", "type=gha,scope=a,scope=b"}) {
    const absl::Status status = ParseCacheEntries(text, "--cache-to").status();

    EXPECT_EQ(ReasonOf(status), Reason::kBadArguments) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--cache-to: ")) << text;
  }
}

TEST(ScopedToTest, EachTargetExportsUnderATagOfItsOwn) {
  EXPECT_THAT(
      To("type=registry,ref=r.example:5000/c:main,mode=max").to,
      ElementsAre(Entry("registry", {{"ref", "r.example:5000/c:main-web"}, {"mode", "max"}})));
  EXPECT_THAT(To("type=registry,ref=r.example:5000/c").to,
              ElementsAre(Entry("registry", {{"ref", "r.example:5000/c:web"}})));
}

TEST(ScopedToTest, ImportsLookUnderTheTargetsTagAndTheNameAsWritten) {
  EXPECT_THAT(From("type=registry,ref=r.example/c:main").from,
              ElementsAre(Entry("registry", {{"ref", "r.example/c:main-web"}}),
                          Entry("registry", {{"ref", "r.example/c:main"}})));
}

TEST(ScopedToTest, TheUserMaySayWhereTheTargetStands) {
  EXPECT_THAT(From("type=registry,ref=r.example/{target}/c:1").from,
              ElementsAre(Entry("registry", {{"ref", "r.example/web/c:1"}})));
  EXPECT_THAT(To("type=gha,scope={target}").to, ElementsAre(Entry("gha", {{"scope", "web"}})));
}

TEST(ScopedToTest, LocalCachesAreFoldersBelowTheOneNamed) {
  EXPECT_THAT(From("type=local,src=.cache").from,
              ElementsAre(Entry("local", {{"src", "/home/ann/shop/.cache/web"}})));
  EXPECT_THAT(To("type=local,dest=/var/cache").to,
              ElementsAre(Entry("local", {{"dest", "/var/cache/web"}})));
}

TEST(ScopedToTest, ServicesWithNamesGetOneForEachTarget) {
  EXPECT_THAT(
      To("type=gha;type=gha,scope=ci;type=s3,bucket=b").to,
      ElementsAre(Entry("gha", {{"scope", "shop-web"}}), Entry("gha", {{"scope", "ci-web"}}),
                  Entry("s3", {{"bucket", "b"}, {"name", "shop-web"}})));
}

TEST(ScopedToTest, AnInlineImportIsTheImageItself) {
  EXPECT_THAT(From("type=inline").from,
              ElementsAre(Entry("registry", {{"ref", "r.example/shop-web:1"}})));
  EXPECT_THAT(To("type=inline").to, ElementsAre(Entry("inline", {})));
}

std::string Runner(const std::map<std::string, std::string>& environment, absl::string_view name) {
  const auto found = environment.find(std::string(name));
  return found == environment.end() ? "" : found->second;
}

CacheEntry GithubEntry(const std::map<std::string, std::string>& environment) {
  CacheEntry entry = Entry("gha", {});
  AddGithubToken([&](absl::string_view name) { return Runner(environment, name); }, entry);
  return entry;
}

TEST(AddGithubTokenTest, TakesTheFirstVersionsAddress) {
  const CacheEntry entry =
      GithubEntry({{"ACTIONS_RUNTIME_TOKEN", "t"}, {"ACTIONS_CACHE_URL", "https://v1/"}});

  EXPECT_EQ(entry, Entry("gha", {{"token", "t"}, {"url", "https://v1/"}}));
  EXPECT_TRUE(HasGithubToken(entry));
}

TEST(AddGithubTokenTest, TakesTheSecondVersionsAddress) {
  const CacheEntry entry = GithubEntry({{"ACTIONS_RUNTIME_TOKEN", "t"},
                                        {"ACTIONS_CACHE_SERVICE_V2", "True"},
                                        {"ACTIONS_RESULTS_URL", "https://v2/"}});

  EXPECT_EQ(entry,
            Entry("gha", {{"token", "t"}, {"url", "https://v2/"}, {"url_v2", "https://v2/"}}));
  EXPECT_TRUE(HasGithubToken(entry));
}

TEST(AddGithubTokenTest, NeedsTheRunnersToken) {
  EXPECT_FALSE(HasGithubToken(GithubEntry({{"ACTIONS_CACHE_URL", "https://v1/"}})));
  EXPECT_FALSE(HasGithubToken(GithubEntry({{"ACTIONS_RUNTIME_TOKEN", "t"}})));
}

}  // namespace
}  // namespace nopo
