#include "daemon/project/image_names.h"

#include "common/error.h"
#include "daemon/project/dotenv.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

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
    const auto names = ResolveImageNames(*project_, environment);
    if (names.ok()) return names->base;
    EXPECT_EQ(ReasonOf(names.status()), Reason::kConfiguration);
    return std::string(names.status().message());
  }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
};

TEST_F(ImageNamesTest, ComeFromTheProjectsNameByDefault) {
  const auto names = ResolveImageNames(*project_, {});
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
  EXPECT_EQ(Tag({}, "DOCKER_TAG=shop@" + kDigest),
            "DOCKER_TAG (.env): found a digest without a version; expected 'image:version@digest'");
  EXPECT_EQ(Tag({{"DOCKER_VERSION", "a b"}}),
            "DOCKER_VERSION (the environment): found the version 'a b'; expected at most 128 "
            "letters, digits, '.', '_' and '-'");
  EXPECT_EQ(Tag({}, "DOCKER_IMAGE=a:b"),
            "DOCKER_IMAGE (.env): found 'a:b'; expected a name only, like 'team/shop'");
}

TEST_F(ImageNamesTest, FollowRegistryVersionAndOverride) {
  const auto names =
      ResolveImageNames(*project_, {{"DOCKER_TAG", "ghcr.io/team/app:v3"}, {"GIT_COMMIT", "abc"}},
                        GitVariables::kOmit);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->targets.at("web"), "ghcr.io/team/app-web:v3");
  EXPECT_EQ(names->registry, "ghcr.io");
  EXPECT_THAT(names->managed, Contains(Pair("NODE_ENV", "production")));
  EXPECT_THAT(names->managed, Contains(Pair("GIT_COMMIT", "abc")));
  EXPECT_THAT(names->managed, Not(Contains(Key("GIT_REPO"))));
  const auto overridden = ResolveImageNames(*project_, {{"WEB_IMAGE", "other:1"}});
  EXPECT_EQ(overridden->targets.at("web"), "other:1");
}

TEST_F(ImageNamesTest, ReadTheFileThatENV_FILENames) {
  files_.Write("config/other.env", "DOCKER_VERSION=v9\n");
  EXPECT_EQ(Tag({{"ENV_FILE", "config/other.env"}}, "DOCKER_VERSION=v1\n"), "shop:v9");
  EXPECT_EQ(Tag({{"ENV_FILE", "missing"}}, "DOCKER_VERSION=v1\n"), "shop:local");
}

TEST(DotenvTest, ReadsComposesSyntax) {
  const auto dotenv = ParseDotenv(
      "# comment\nA=1\nexport B = two words # why\nC='a #\\n b'\nD=\"x\\n\\\"y\\\"\nz\" # end\r\n"
      "E=\nF=a#b\nPASSED\n  G=#\n",
      ".env");
  ASSERT_TRUE(dotenv.ok()) << dotenv.status();
  EXPECT_THAT(dotenv->user, ElementsAre(Pair("A", "1"), Pair("B", "two words"),
                                        Pair("C", "a #\\n b"), Pair("D", "x\n\"y\"\nz"),
                                        Pair("E", ""), Pair("F", "a#b"), Pair("G", "")));
  EXPECT_THAT(dotenv->block, IsEmpty());
}

TEST(DotenvTest, NamesTheLineOfAMistake) {
  const auto mistake = [](absl::string_view text) {
    return std::string(ParseDotenv(text, ".env").status().message());
  };
  EXPECT_EQ(mistake("A=1\nb c\n"), ".env:2: found 'b c'; expected 'KEY=VALUE'");
  EXPECT_EQ(mistake("A='1\n2\n"), ".env:1: found a quote that is not closed");
  EXPECT_EQ(mistake("A='1\n2' x"), ".env:1: found 'x' behind a quoted value");
  EXPECT_EQ(mistake("\n# nopo: end\n"),
            ".env:2: found the end of a block of nopo without its "
            "beginning");
}

}  // namespace
}  // namespace nopo
