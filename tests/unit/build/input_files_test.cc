#include "daemon/build/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class InputFilesTest : public testing::Test {
 protected:
  InputFilesTest() { project_.root = "/shop"; }

  InputFiles Inputs() const { return InputFilesOf(project_, builds_, "/shop/.env"); }
  // Of the only tree.
  std::vector<std::string> Ignored() const { return Inputs().trees.begin()->ignore; }

  Project project_;
  std::map<std::string, BuildTask> builds_;
};

TEST_F(InputFilesTest, AreContextsAsFarAsIgnoreRulesLeaveThem) {
  builds_["web:build"] = ImageBuild{.context_dir = "/shop/apps/web", .ignore = {"*.log"}};

  EXPECT_THAT(Inputs().trees,
              ElementsAre(InputTree{.root = "/shop/apps/web", .ignore = {"*.log", "**/.git"}}));
}

TEST_F(InputFilesTest, AreDockerfilesAndIgnoreFilesWhereverTheyLie) {
  builds_["web:build"] =
      ImageBuild{.context_dir = "/shop/apps/web", .dockerfile_name = "docker/web.Dockerfile"};

  EXPECT_THAT(Inputs().files,
              ElementsAre("/shop/apps/web/.dockerignore", "/shop/docker/web.Dockerfile",
                          "/shop/docker/web.Dockerfile.dockerignore"));
}

TEST_F(InputFilesTest, ImagesOfOneContextShareItsTree) {
  builds_["web:build"] = ImageBuild{.context_dir = "/shop", .ignore = {"*.log"}};
  builds_["api:build"] = ImageBuild{.context_dir = "/shop", .ignore = {"*.log"}};

  EXPECT_EQ(Inputs().trees.size(), 1);
}

TEST_F(InputFilesTest, ArePackagesFoldersWithoutOutputsAndNodeModules) {
  builds_["shared:build"] =
      PackageBuild{.package_dir = "/shop/libs/shared", .outputs = {"/shop/libs/shared/dist"}};

  EXPECT_THAT(Ignored(), ElementsAre("**/node_modules", "**/.git", "dist"));
}

TEST_F(InputFilesTest, WhatAPackageMakesIsNoInputOfAnImageEither) {
  builds_["web:build"] = ImageBuild{.context_dir = "/shop"};
  builds_["shared:build"] =
      PackageBuild{.package_dir = "/shop/libs/shared", .outputs = {"/shop/libs/shared/dist"}};

  EXPECT_THAT(Ignored(), Contains("libs/shared/dist"));
}

TEST_F(InputFilesTest, TheFileThatNopoWritesIsNoneInAnyTree) {
  builds_["web:build"] = ImageBuild{.context_dir = "/shop"};
  EXPECT_THAT(Ignored(), Contains(".env"));

  builds_["web:build"] = ImageBuild{.context_dir = "/shop/apps/web"};
  EXPECT_THAT(Ignored(), Not(Contains(".env")));
}

TEST(EditorScratchTest, KnowsWhatEditorsWriteBesideAFile) {
  for (const char* name : {".a.ts.swp", ".a.ts.swo", ".a.ts.swx", "4913", "a.ts~", ".#a.ts",
                           "#a.ts#", ".a.ts.kate-swp", "a.ts___jb_tmp___", "a.ts___jb_old___"}) {
    EXPECT_TRUE(IsEditorScratch(name)) << name;
  }
  for (const char* name : {"a.ts", ".env", "a.swp", "#", "#a", "49130", "~a", ".swpx"}) {
    EXPECT_FALSE(IsEditorScratch(name)) << name;
  }
}

}  // namespace
}  // namespace nopo
