#include "daemon/project/container_paths.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

class ContainerPathsTest : public ::testing::Test {
 protected:
  ContainerPathsTest() {
    web_.id = "web";
    web_.kind = TargetKind::kService;
    web_.path = "apps/web";
  }
  std::string Known() const { return KnownDirectory(project_, web_); }

  Project project_;
  Target web_;
};

TEST_F(ContainerPathsTest, TheConfiguredDirectoryIsBelowTheProjectUnlessComposeSaysIt) {
  EXPECT_EQ(ConfiguredDirectory(web_), "");
  web_.infrastructure.directory = "./apps/web/";
  EXPECT_EQ(ConfiguredDirectory(web_), "/app/apps/web");
  web_.compose.working_dir = "/srv";
  EXPECT_EQ(ConfiguredDirectory(web_), "/srv");
}

TEST_F(ContainerPathsTest, AGeneratedImageWorksWhereItWasBuilt) {
  web_.build.emplace().command = "make";
  EXPECT_EQ(Known(), "/app/apps/web");
  web_.build->working_dir = "tools";
  EXPECT_EQ(Known(), "/app/tools");
  web_.infrastructure.directory = ".";
  EXPECT_EQ(Known(), "/app");
}

TEST_F(ContainerPathsTest, TheGeneratedBaseImageWorksAtTheTopOfTheProject) {
  EXPECT_EQ(Known(), "/app");
  project_.os.dockerfile = "/shop/nopo/docker/Dockerfile";
  EXPECT_EQ(Known(), "") << "nobody knows";
}

TEST_F(ContainerPathsTest, OtherImagesAloneKnow) {
  web_.dockerfile = "/shop/apps/web/Dockerfile";
  EXPECT_EQ(Known(), "");
  web_.dockerfile.clear();
  web_.image = "postgres";
  EXPECT_EQ(Known(), "");
}

}  // namespace
}  // namespace nopo
