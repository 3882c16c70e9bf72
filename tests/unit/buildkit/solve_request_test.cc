#include "daemon/buildkit/solve_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildkit/control.pb.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::map<std::string, std::string> AttrsOf(const SolveOptions& options) {
  const auto request = SolveRequestFrom(options, "dockerfile-1", "ref", "session");
  return {request.frontend_attrs().begin(), request.frontend_attrs().end()};
}

TEST(SolveRequestTest, NamesBuildSessionAndFrontend) {
  const auto request = SolveRequestFrom({}, "dockerfile-1", "ref", "session");

  EXPECT_EQ(request.ref(), "ref");
  EXPECT_EQ(request.session(), "session");
  EXPECT_EQ(request.frontend(), "dockerfile.v0");
}

TEST(SolveRequestTest, ExportsTheTagsForOldAndNewEngines) {
  const auto request =
      SolveRequestFrom({.tags = {"web:1", "web:2"}}, "dockerfile-1", "ref", "session");

  ASSERT_EQ(request.exporters_size(), 1);
  EXPECT_EQ(request.exporters(0).type(), "moby");
  EXPECT_EQ(request.exporters(0).attrs().at("name"), "web:1,web:2");
  EXPECT_EQ(request.exporter_deprecated(), "moby");
  EXPECT_EQ(request.exporter_attrs_deprecated().at("name"), "web:1,web:2");
}

TEST(SolveRequestTest, HasAnArchiveMadeUnderTheNameByWhichItIsReceived) {
  const SolveOptions options{.tags = {"web:1"}, .destination = ImageDestination::kArchive};
  const auto request = SolveRequestFrom(options, "dockerfile-1", "ref", "session");

  EXPECT_EQ(request.exporters(0).type(), "docker");
  EXPECT_EQ(request.exporters(0).attrs().at("name"), "docker.io/library/web:1");
  EXPECT_EQ(ExportedName(options), "docker.io/library/web:1");
  EXPECT_EQ(AttrsOf(options).at("image-resolve-mode"), "default");
}

TEST(SolveRequestTest, HasAnImagePushed) {
  const SolveOptions options{.tags = {"r.example:5000/web:1"},
                             .destination = ImageDestination::kRegistry};
  const auto request = SolveRequestFrom(options, "dockerfile-1", "ref", "session");

  EXPECT_EQ(request.exporters(0).type(), "image");
  EXPECT_EQ(request.exporters(0).attrs().at("name"), "r.example:5000/web:1");
  EXPECT_EQ(request.exporters(0).attrs().at("push"), "true");
}

TEST(SolveRequestTest, NamesTheLayoutOfALocalImageForFrom) {
  const SolveOptions options{
      .local_images = {{"docker.io/library/shop:latest", {OciLayout("/l"), "sha256:1"}}}};

  const std::string context = AttrsOf(options).at("context:shop");
  const auto stores = LocalImageStores(options);

  ASSERT_EQ(stores.size(), 1);
  const std::string store = stores.begin()->first.substr(sizeof("oci:") - 1);
  EXPECT_EQ(context, "oci-layout://" + store + "@sha256:1");
}

TEST(SolveRequestTest, ImportsCachesThroughTheFrontend) {
  const std::string imports =
      AttrsOf({.cache_from = {{.type = "registry", .attrs = {{"ref", "r.example/c"}}}}})
          .at("cache-imports");

  EXPECT_EQ(imports, R"([{"Type":"registry","Attrs":{"ref":"r.example/c"}}])");
}

TEST(SolveRequestTest, ExportsCachesBesideTheImage) {
  const auto request =
      SolveRequestFrom({.cache_to = {{.type = "registry", .attrs = {{"mode", "max"}}}}},
                       "dockerfile-1", "ref", "session");

  ASSERT_EQ(request.cache().exports_size(), 1);
  EXPECT_EQ(request.cache().exports(0).type(), "registry");
  EXPECT_EQ(request.cache().exports(0).attrs().at("mode"), "max");
}

TEST(SolveRequestTest, NamesThePlatforms) {
  EXPECT_EQ(AttrsOf({.platforms = {"linux/amd64", "linux/arm64"}}).at("platform"),
            "linux/amd64,linux/arm64");
}

TEST(SolveRequestTest, SaysNothingOfWhatIsNotAskedFor) {
  EXPECT_THAT(AttrsOf({}),
              ElementsAre(Pair("dockerfilekey", "dockerfile-1"), Pair("filename", "Dockerfile"),
                          Pair("image-resolve-mode", "local")));
}

TEST(SolveRequestTest, TranslatesEveryOption) {
  const SolveOptions options = {.dockerfile_name = "apps/web/web.Dockerfile",
                                .target = "prod",
                                .build_args = {{"A", "1"}},
                                .labels = {{"l", "v"}},
                                .no_cache = true,
                                .pull = true,
                                .network_mode = "none"};

  EXPECT_THAT(AttrsOf(options),
              ElementsAre(Pair("build-arg:A", "1"), Pair("dockerfilekey", "dockerfile-1"),
                          Pair("filename", "web.Dockerfile"), Pair("force-network-mode", "none"),
                          Pair("image-resolve-mode", "pull"), Pair("label:l", "v"),
                          Pair("no-cache", ""), Pair("target", "prod")));
}

TEST(SolveRequestTest, AsksToBeAllowedTheHostsNetwork) {
  EXPECT_THAT(
      SolveRequestFrom({.network_mode = "host"}, "dockerfile-1", "ref", "session").entitlements(),
      ElementsAre("network.host"));
  EXPECT_THAT(SolveRequestFrom({}, "dockerfile-1", "ref", "session").entitlements(), IsEmpty());
}

TEST(SolveRequestTest, ServesTheDockerfileAndItsIgnoreFileSideBySide) {
  EXPECT_THAT(
      DockerfileDirectory({.dockerfile_text = "FROM x", .dockerfile_name = "apps/Dockerfile"}),
      ElementsAre(Pair("Dockerfile", "FROM x")));
  EXPECT_THAT(DockerfileDirectory({.dockerfile_text = "FROM x", .dockerignore_text = "a"}),
              ElementsAre(Pair("Dockerfile", "FROM x"), Pair("Dockerfile.dockerignore", "a")));
}

TEST(SolveRequestTest, ReadsTheImagesIdWhereverTheEngineSaysIt) {
  moby::buildkit::v1::SolveResponse response;
  SolveResult result;
  (*response.mutable_exporter_response())["containerimage.digest"] = "sha256:a";
  ReadImageId(response, result);
  EXPECT_EQ(result.image_id, "sha256:a");
  EXPECT_EQ(result.manifest_digest, "");

  (*response.mutable_exporter_response())["containerimage.config.digest"] = "sha256:b";
  ReadImageId(response, result);
  EXPECT_EQ(result.image_id, "sha256:b");
  EXPECT_EQ(result.manifest_digest, "sha256:a");
}

}  // namespace
}  // namespace nopo
