#include "daemon/project/image_names.h"

#include "common/error.h"
#include "daemon/project/git_facts_cache.h"
#include "daemon/project/project_environment.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ImageReferenceTest, SplitsAndJoins) {
  const auto describe = [](absl::string_view text) -> std::string {
    const absl::StatusOr<ImageReference> reference = ParseImageReference(text);
    if (!reference.ok()) return "malformed";
    EXPECT_EQ(reference->ToString(), text);
    return reference->registry + "|" + reference->image + "|" + reference->version + "|" +
           reference->digest;
  };
  EXPECT_EQ(describe("nginx"), "|nginx||");
  EXPECT_EQ(describe("team/shop:1.2"), "|team/shop|1.2|");
  EXPECT_EQ(describe("ghcr.io/team/shop"), "ghcr.io|team/shop||");
  EXPECT_EQ(describe("localhost/shop:x"), "localhost|shop|x|");
  EXPECT_EQ(describe("reg:5000/shop"), "reg:5000|shop||");
  EXPECT_EQ(describe("shop:1@" + kDigest), "|shop|1|" + kDigest);
  for (const char* text : {"", "Shop", "a b", "a:", "a@", "a@sha256:12", "a//b", "/a", "a-",
                           "a:b:c", "a..b", "reg:x/a", "a:-1"}) {
    EXPECT_EQ(describe(text), "malformed") << text;
  }
}

TEST(SlugTest, KeepsLettersAndDigits) {
  EXPECT_EQ(Slug("My  Shop!"), "my-shop");
  EXPECT_EQ(Slug("caf\xC3\xA9 2"), "caf-2");
  EXPECT_EQ(Slug("???"), "project");
  EXPECT_EQ(TargetImagePart("Web_App.v2"), "web_app.v2");
  EXPECT_EQ(TargetImagePart("a._b-"), "a-b");
  EXPECT_EQ(ImageVariable("web-app.2"), "WEB_APP_2_IMAGE");
}

class ImageNamesTest : public ::testing::Test {
 protected:
  ImageNamesTest() {
    files_.Write("nopo.yml", "name: Shop\n").Write("apps/web/nopo.yml", "");
    files_.Write("apps/web/Dockerfile", "").Write("apps/db/nopo.yml", "image: postgres\n");
    files_.Write("apps/plain/nopo.yml", "runtime: {}\n");
    files_.Write("apps/lib/nopo.yml", "build: {command: make}\n");
    project_ = files_.Load();
  }

  // The base image's tag, or the error.
  std::string Tag(const EnvironmentMap& environment, const std::string& dotenv = "") {
    files_.Write(".env", dotenv);
    const auto names = Names(environment);
    if (names.ok()) return names->base;
    EXPECT_EQ(ReasonOf(names.status()), Reason::kConfiguration);
    return std::string(names.status().message());
  }
  absl::StatusOr<ImageNames> Names(const EnvironmentMap& environment,
                                   const GitFacts* git = nullptr) {
    absl::StatusOr<ProjectEnvironment> resolved =
        ResolveEnvironment(*project_, environment, git, {.use = DotenvUse::kRead}, Cancellation());
    if (!resolved.ok()) return resolved.status();
    return resolved->names;
  }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
};

TEST_F(ImageNamesTest, ComeFromTheProjectsNameByDefault) {
  const GitFacts unknown;
  const auto names = Names({}, &unknown);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->base, "shop:local");
  EXPECT_THAT(names->targets, ElementsAre(Pair("web", "shop-web:local")));
  EXPECT_THAT(names->managed,
              ElementsAre(Pair("DOCKER_IMAGE", "shop"), Pair("DOCKER_TAG", "shop:local"),
                          Pair("DOCKER_TARGET", "development"), Pair("DOCKER_VERSION", "local"),
                          Pair("GIT_BRANCH", "unknown"), Pair("GIT_COMMIT", "unknown"),
                          Pair("GIT_REPO", "unknown"), Pair("NODE_ENV", "development"),
                          Pair("WEB_IMAGE", "shop-web:local")));
  EXPECT_EQ(ImageOf(*project_->FindTarget("web"), *names), "shop-web:local");
  EXPECT_EQ(ImageOf(*project_->FindTarget("db"), *names), "postgres");
  EXPECT_EQ(ImageOf(*project_->FindTarget("plain"), *names), "shop:local");
}

TEST_F(ImageNamesTest, AreResolvedLevelByLevel) {
  EXPECT_EQ(Tag({{"DOCKER_VERSION", "v1"}}, "DOCKER_VERSION=v2\nDOCKER_IMAGE=team/app\n"),
            "team/app:v1");
  EXPECT_EQ(Tag({{"DOCKER_VERSION", ""}}, "DOCKER_VERSION=v2\n"), "shop:v2") << "empty is unset";
  EXPECT_EQ(Tag({{"DOCKER_TAG", "app"}}, "DOCKER_REGISTRY=ghcr.io\nDOCKER_VERSION=v2\n"),
            "app:local")
      << "a tag is whole";
  EXPECT_EQ(Tag({}, "DOCKER_TAG=a:1\nDOCKER_VERSION=v2\n"), "a:1") << "and beats its components";
  EXPECT_EQ(Tag({{"DOCKER_REGISTRY", "ghcr.io"}}, "DOCKER_TAG=a:1\n"), "ghcr.io/a:1");
}

TEST_F(ImageNamesTest, PutTheUsersKeysBeforeNoposBlock) {
  const std::string block = "# nopo: begin\nDOCKER_TAG=old:v1\nNODE_ENV=production\n# nopo: end\n";
  EXPECT_EQ(Tag({}, block), "old:v1");
  EXPECT_EQ(Tag({}, "DOCKER_VERSION=v2\n" + block), "old:v2");
  EXPECT_EQ(Tag({}, "# nopo: begin\n"), ".env:1: found '# nopo: begin' without '# nopo: end'");
  EXPECT_EQ(Tag({}, block + block), ".env:5: found a second block of nopo; expected one");
}

TEST_F(ImageNamesTest, DropADigestThatBelongsToAnotherImage) {
  EXPECT_EQ(Tag({}, "DOCKER_VERSION=1\nDOCKER_DIGEST=" + kDigest), "shop:1@" + kDigest);
  EXPECT_EQ(Tag({{"DOCKER_VERSION", "2"}}, "DOCKER_VERSION=1\nDOCKER_DIGEST=" + kDigest), "shop:2");
  EXPECT_EQ(Tag({{"DOCKER_IMAGE", "b"}}, "DOCKER_TAG=a:1@" + kDigest), "b:1");
  EXPECT_EQ(Tag({{"DOCKER_DIGEST", kDigest}}, "DOCKER_VERSION=1"), "shop:1@" + kDigest);
}

TEST_F(ImageNamesTest, RefuseADigestWithoutAVersionAndMalformedParts) {
  const std::string lone =
      "DOCKER_DIGEST (the environment): found a digest without a version; "
      "expected DOCKER_VERSION too";
  EXPECT_EQ(Tag({{"DOCKER_DIGEST", kDigest}}), lone);
  EXPECT_EQ(Tag({{"DOCKER_DIGEST", kDigest}},
                "# nopo: begin\nDOCKER_TAG=shop:local\nDOCKER_VERSION=local\n# nopo: end\n"),
            lone);
  EXPECT_EQ(
      Tag({}, "DOCKER_TAG=shop@" + kDigest),
      "DOCKER_TAG (.env:1): found a digest without a version; expected 'image:version@digest'");
  EXPECT_EQ(Tag({{"DOCKER_VERSION", "a b"}}),
            "DOCKER_VERSION (the environment): found the version 'a b'; expected at most 128 "
            "letters, digits, '.', '_' and '-'");
  EXPECT_EQ(Tag({}, "DOCKER_IMAGE=a:b"),
            "DOCKER_IMAGE (.env:1): found 'a:b'; expected a name only, like 'team/shop'");
}

TEST_F(ImageNamesTest, SayWhereAMalformedValueCameFrom) {
  const std::string in_block = Tag({}, "A=1\n# nopo: begin\nDOCKER_VERSION=a b\n# nopo: end\n");
  EXPECT_THAT(in_block, StartsWith("DOCKER_VERSION (nopo's block, .env:3): found"));
  EXPECT_THAT(Tag({{"WEB_IMAGE", "A"}}), StartsWith("WEB_IMAGE (the environment): found"));
  EXPECT_THAT(Tag({}, "\nWEB_IMAGE=A"), StartsWith("WEB_IMAGE (.env:2): found"));
  EXPECT_THAT(Tag({}, "DOCKER_REGISTRY=ghcr.io/team"),
              StartsWith("DOCKER_REGISTRY (.env:1): found 'ghcr.io/team'; expected a host"));
}

TEST_F(ImageNamesTest, QuoteWhatTheUserWrote) {
  EXPECT_THAT(Tag({{"WEB_IMAGE", "@@"}}),
              StartsWith("WEB_IMAGE (the environment): found the reference '@@'"));
  EXPECT_THAT(Tag({{"DOCKER_REGISTRY", "bad_reg!"}}),
              StartsWith("DOCKER_REGISTRY (the environment): found 'bad_reg!'; expected a host"));
}

TEST_F(ImageNamesTest, RefuseAPortThatIsNone) {
  EXPECT_EQ(Tag({{"DOCKER_PORT", "abc"}}),
            "DOCKER_PORT (the environment): found 'abc'; expected a port, 1 to 65535");
  EXPECT_EQ(Tag({}, "DOCKER_PORT=99999"),
            "DOCKER_PORT (.env:1): found '99999'; expected a port, 1 to 65535");
  EXPECT_EQ(Tag({{"DOCKER_PORT", "8080"}}, "DOCKER_PORT=abc"), "shop:local") << "not what counts";
}

TEST_F(ImageNamesTest, KeepADigestThatPersistsWithItsVersion) {
  const std::string block = "# nopo: begin\nDOCKER_TAG=shop:local@" + kDigest + "\n# nopo: end\n";
  EXPECT_EQ(Tag({}, block), "shop:local@" + kDigest) << "local was asked for";
  EXPECT_EQ(Tag({{"DOCKER_VERSION", "v2"}}, block), "shop:v2");
  EXPECT_EQ(Tag({{"DOCKER_REGISTRY", "ghcr.io"}}, block), "ghcr.io/shop:local@" + kDigest);
}

TEST_F(ImageNamesTest, TakeTheModeFromTheUserButNeverFromTheBlock) {
  files_.Write(".env", "NODE_ENV=test\n# nopo: begin\nDOCKER_TARGET=old\n# nopo: end\n");
  EXPECT_THAT(
      Names({{"DOCKER_VERSION", "v1"}})->managed,
      AllOf(Contains(Pair("NODE_ENV", "test")), Contains(Pair("DOCKER_TARGET", "production"))));
}

TEST_F(ImageNamesTest, NeverTakeGitVariablesFromTheFile) {
  files_.Write(".env", "GIT_COMMIT=mine\n# nopo: begin\nGIT_BRANCH=old\n# nopo: end\n");
  const GitFacts git{.repository = "r", .branch = "b", .commit = "c"};
  EXPECT_THAT(Names({{"GIT_REPO", "given"}}, &git)->managed,
              AllOf(Contains(Pair("GIT_COMMIT", "c")), Contains(Pair("GIT_BRANCH", "b")),
                    Contains(Pair("GIT_REPO", "given"))));
}

TEST_F(ImageNamesTest, AreManagedForServicesThatNopoBuilds) {
  EXPECT_THAT(ManagedVariables(*project_),
              ElementsAre("DOCKER_DIGEST", "DOCKER_IMAGE", "DOCKER_PORT", "DOCKER_REGISTRY",
                          "DOCKER_TAG", "DOCKER_TARGET", "DOCKER_VERSION", "GIT_BRANCH",
                          "GIT_COMMIT", "GIT_REPO", "NODE_ENV", "WEB_IMAGE"));
}

TEST_F(ImageNamesTest, FollowRegistryVersionAndOverride) {
  const auto names = Names({{"DOCKER_TAG", "ghcr.io/team/app:v3"}, {"GIT_COMMIT", "abc"}});
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->targets.at("web"), "ghcr.io/team/app-web:v3");
  EXPECT_EQ(names->registry, "ghcr.io");
  EXPECT_THAT(names->managed, Contains(Pair("NODE_ENV", "production")));
  EXPECT_THAT(names->managed, Contains(Pair("GIT_COMMIT", "abc")));
  EXPECT_THAT(names->managed, Not(Contains(Key("GIT_REPO"))));
  const auto overridden = Names({{"WEB_IMAGE", "other:1"}});
  EXPECT_EQ(overridden->targets.at("web"), "other:1");
}

TEST_F(ImageNamesTest, ReadTheFileThatENV_FILENames) {
  files_.Write("config/other.env", "DOCKER_VERSION=v9\n");
  EXPECT_EQ(Tag({{"ENV_FILE", "config/other.env"}}, "DOCKER_VERSION=v1\n"), "shop:v9");
  EXPECT_EQ(Tag({{"ENV_FILE", "missing"}}, "DOCKER_VERSION=v1\n"), "shop:local");
}

}  // namespace
}  // namespace nopo
