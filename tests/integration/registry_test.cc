// Pulling and pushing with a real registry.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/fakes/tag_image.h"
#include "tests/integration/registry_fixture.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kConfigurationError = 4;
constexpr int kNetworkError = 6;

TEST_F(RegistryTest, PushesEveryImageAfterItsBuildAndTellsTheDigest) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n");
  WriteService("api", "infrastructure: {}\n");
  Tag("web");
  Tag("api");

  const ProcessOutcome build = Nopo({"build", "--push", "--output", "out.json"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
  EXPECT_TRUE(registry_->Has(slug() + "-api", "v1"));
  EXPECT_THAT(Read("out.json"),
              AllOf(HasSubstr(R"("digest":"sha256:)"), Not(HasSubstr(R"("digest":"")"))));
}

TEST_F(RegistryTest, DockerPushInTheEnvironmentOrInDotenvPushes) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n");
  Tag("web");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  ASSERT_FALSE(registry_->Has(slug() + "-web", "v1"));

  Write(".env", "DOCKER_PUSH=true\n");
  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
}

TEST_F(RegistryTest, AnImageWithoutARegistryIsNotPushedAnywhere) {
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome build = Nopo({"build", "--push"});

  EXPECT_EQ(build.exit_code, kConfigurationError);
  EXPECT_THAT(build.err, AllOf(HasSubstr(slug() + "-web:local"), HasSubstr("DOCKER_REGISTRY")));
}

TEST_F(RegistryTest, APlanShowsPushes) {
  StartRegistry();
  WriteService("web", "infrastructure: {}\n");

  EXPECT_EQ(Nopo({"build", "--push", "--dry-run"}).out,
            "Stage 1: [web:build]\nStage 2: [web:push]\n");
}

TEST_F(RegistryTest, PushesWithTheUsersLogin) {
  StartGuardedRegistry();
  LogIn();
  WriteService("web", "infrastructure: {}\n");
  Tag("web");

  const ProcessOutcome build = Nopo({"build", "--push"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
}

TEST_F(RegistryTest, ARefusedPushSaysWhatTheRegistrySaid) {
  StartGuardedRegistry();
  WriteService("web", "infrastructure: {}\n");
  Tag("web");

  const ProcessOutcome build = Nopo({"build", "--push"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("web:push"), HasSubstr("no basic auth credentials"),
                               HasSubstr("docker login")));
}

TEST_F(RegistryTest, LogsInThroughACredentialHelperOfTheCaller) {
  StartGuardedRegistry();
  InstallHelper("keyring");
  WriteDockerConfig(
      absl::StrCat(R"({"credHelpers": {")", registry_->address(), R"(": "keyring"}})"));

  const std::string tag = PublishWeb();
  const ProcessOutcome pull = Nopo({"pull"});

  EXPECT_EQ(pull.exit_code, 0) << pull.err;
  EXPECT_TRUE(EngineHas(tag));
}

TEST_F(RegistryTest, PullsImagesOfReleasedVersions) {
  StartRegistry();
  const std::string tag = PublishWeb();

  const ProcessOutcome first = Nopo({"pull", "--json"});
  const ProcessOutcome second = Nopo({"pull"});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, AllOf(HasSubstr(absl::StrCat(R"("tag":")", tag, "\"")),
                               HasSubstr(R"("digest":"sha256:)"), HasSubstr(R"("changed":true)")));
  EXPECT_TRUE(EngineHas(tag));
  EXPECT_THAT(second.err, HasSubstr("nothing changed"));
}

TEST_F(RegistryTest, PullsImagesThatServicesNameThemselves) {
  StartRegistry();
  const std::string tag = PublishWeb();
  Write("apps/db/nopo.yml", absl::StrCat("image: ", tag, "\n"));
  environment().erase("DOCKER_REGISTRY");
  environment().erase("DOCKER_VERSION");

  const ProcessOutcome pull = Nopo({"pull", "db"});

  EXPECT_EQ(pull.exit_code, 0) << pull.err;
  EXPECT_TRUE(EngineHas(tag));
}

TEST_F(RegistryTest, WhatIsBuiltHereIsNotPulled) {
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome pull = Nopo({"pull", "web"});

  EXPECT_EQ(pull.exit_code, 0) << pull.err;
  EXPECT_THAT(pull.err, AllOf(HasSubstr("web is built here"), HasSubstr("nothing to pull")));
}

TEST_F(RegistryTest, ADigestIsPulledOnceUnlessForced) {
  StartRegistry();
  const std::string tag = PublishWeb();
  const absl::StatusOr<std::string> digest = engine().PullImage(tag, "", nullptr, never());
  ASSERT_TRUE(digest.ok()) << digest.status();
  Write("apps/db/nopo.yml", absl::StrCat("image: ", tag, "@", *digest, "\n"));
  registry_.reset();

  EXPECT_EQ(Nopo({"pull", "db"}).exit_code, 0);
  EXPECT_EQ(Nopo({"pull", "db", "--force"}).exit_code, kNetworkError);
}

TEST_F(RegistryTest, ARegistryThatIsDownIsNamed) {
  environment()["DOCKER_REGISTRY"] = "127.0.0.1:1";
  environment()["DOCKER_VERSION"] = "v1";
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome pull = Nopo({"pull"});

  EXPECT_EQ(pull.exit_code, kNetworkError);
  EXPECT_THAT(pull.err, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("connection refused")));
}

TEST_F(RegistryTest, APackageHasNothingToPull) {
  Write("apps/shared/nopo.yml", "build: {command: 'true'}\n");

  EXPECT_EQ(Nopo({"pull", "shared"}).exit_code, 3);
}

TEST_F(RegistryTest, UpPullsWhatItLacksWithTheUsersLogin) {
  StartGuardedRegistry();
  LogIn();
  WriteService("web", "infrastructure: {command: 'sleep 1000'}\n");
  ASSERT_EQ(Nopo({"build", "--push"}).exit_code, 0);
  const std::string tag = Tag("web");
  Forget(tag);

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("web").image, tag);
}

TEST_F(RegistryTest, RunPullsTheImageThatItLacks) {
  StartRegistry();
  const std::string tag = PublishWeb();
  Write("apps/db/nopo.yml", absl::StrCat("image: ", tag, "\ncommands: {hello: echo hello}\n"));

  const ProcessOutcome run = Nopo({"run", "hello", "db"});

  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "[db:hello] hello\n");
}

TEST_F(RegistryTest, UpPullReplacesWhatTheRegistryHasNewer) {
  StartRegistry();
  WriteService("web", "infrastructure: {command: 'sleep 1000'}\n", "RUN echo one > /what\n");
  ASSERT_EQ(Nopo({"build", "--push"}).exit_code, 0);
  const std::string tag = Tag("web");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string old_image = ContainerOf("web").image_id;
  WriteService("web", "infrastructure: {command: 'sleep 1000'}\n", "RUN echo two > /what\n");
  ASSERT_EQ(Nopo({"build", "--push"}).exit_code, 0);
  ASSERT_TRUE(TagImage(engine().endpoint(), old_image, tag).ok());

  EXPECT_THAT(Nopo({"up"}).err, HasSubstr("nothing changed"));
  const ProcessOutcome up = Nopo({"up", "--pull"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_NE(ContainerOf("web").image_id, old_image);
}

TEST_F(RegistryTest, BuildKitTakesABaseImageWithTheUsersLogin) {
  StartGuardedRegistry();
  LogIn();
  const std::string base = PublishWeb();
  environment().erase("DOCKER_REGISTRY");
  environment().erase("DOCKER_VERSION");
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", base, "\nRUN cat /what\n"));

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
}

TEST_F(RegistryTest, ABaseImageBehindALoginFailsWithTheRegistrysWords) {
  StartGuardedRegistry();
  LogIn();
  const std::string base = PublishWeb();
  LogOut();
  environment().erase("DOCKER_REGISTRY");
  environment().erase("DOCKER_VERSION");
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", base, "\nRUN cat /what\n"));

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, HasSubstr("401 Unauthorized"));
}

TEST_F(RegistryTest, BuildPullBuildsOnTheNewestBaseImage) {
  StartRegistry();
  WriteService("base-of-web", "infrastructure: {}\n", "RUN echo one > /what\n");
  ASSERT_EQ(Nopo({"build", "--push"}).exit_code, 0);
  const std::string base = Tag("base-of-web");
  const std::string old_base = engine().InspectImage(base, never()).value().id;
  WriteService("base-of-web", "infrastructure: {}\n", "RUN echo two > /what\n");
  ASSERT_EQ(Nopo({"build", "--push"}).exit_code, 0);
  ASSERT_TRUE(TagImage(engine().endpoint(), old_base, base).ok());
  environment().erase("DOCKER_REGISTRY");
  environment().erase("DOCKER_VERSION");
  std::filesystem::remove_all(project() / "apps/base-of-web");
  Write("apps/web/nopo.yml", "infrastructure: {}\n");
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", base, "\nRUN cat /what # ", slug(), "\n"));
  ASSERT_EQ(Nopo({"build", "web"}).exit_code, 0);

  const ProcessOutcome newer = Nopo({"build", "web", "--pull", "--progress=plain"});
  const ProcessOutcome same = Nopo({"build", "web", "--pull"});

  EXPECT_EQ(newer.exit_code, 0) << newer.err;
  EXPECT_THAT(newer.err, HasSubstr("] two"));
  EXPECT_THAT(same.err, HasSubstr("nothing changed"));
}

TEST_F(RegistryTest, BuildPullLeavesTheProjectsOwnBaseImageToItsBuild) {
  StartRegistry();
  const std::string base = PublishWeb();
  environment().erase("DOCKER_REGISTRY");
  environment().erase("DOCKER_VERSION");
  Write("nopo.yml", absl::StrCat("name: ", slug(), "\nos: {base: {image: '", base, "'}}\n"));
  Write("apps/web/Dockerfile", "FROM base\n");

  const ProcessOutcome build = Nopo({"build", "--pull"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
}

}  // namespace
}  // namespace nopo
