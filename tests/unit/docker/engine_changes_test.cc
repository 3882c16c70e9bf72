#include "daemon/docker/engine_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Labels kProject = {{kLabelProject, "shop"}};

EngineChanges After(const EngineEvent& event) {
  EngineChanges changes;
  changes.Note(event);
  return changes;
}

TEST(EngineChangesTest, NotesContainersOfProjectsOnly) {
  EXPECT_THAT(After({"container", "die", "c1", kProject}).containers, ElementsAre("c1"));
  EXPECT_THAT(After({"container", "die", "c2", {{"name", "foreign"}}}).containers, IsEmpty());
}

TEST(EngineChangesTest, LeavesImagesAside) {
  const EngineEvent untagged{"image", "untag", "sha256:1"};

  EXPECT_TRUE(TellsOfImages(untagged));
  EXPECT_TRUE(After(untagged).empty());
}

TEST(EngineChangesTest, NotesNetworksAndVolumesThatComeAndGo) {
  EXPECT_TRUE(After({"network", "create", "n1"}).networks_and_volumes);
  EXPECT_TRUE(After({"volume", "destroy", "v1"}).networks_and_volumes);
}

TEST(EngineChangesTest, NotesWhoJoinedANetwork) {
  const EngineChanges changes = After({"network", "connect", "n1", {{"container", "c1"}}});

  EXPECT_THAT(changes.network_members, ElementsAre("c1"));
  EXPECT_FALSE(changes.networks_and_volumes);
}

TEST(LogsBuiltImagesTest, KnowsTheEnginesThatDoNot) {
  const auto logs = [](const char* version) {
    return LogsBuiltImages({.api_version = "1.41", .engine_api_version = version});
  };
  EXPECT_FALSE(logs("1.41"));
  EXPECT_TRUE(logs("1.45"));
  EXPECT_FALSE(logs("1.48"));
  EXPECT_TRUE(logs("1.49"));
}

TEST(EngineChangesTest, ComesApartIntoContainersAndTheRest) {
  EngineChanges changes{.containers = {"c1"}, .networks_and_volumes = true};

  const EngineChanges taken = changes.TakeContainers();

  EXPECT_THAT(taken.containers, ElementsAre("c1"));
  EXPECT_FALSE(taken.networks_and_volumes);
  EXPECT_TRUE(changes.networks_and_volumes);
  EXPECT_FALSE(changes.ConcernContainers());
}

TEST(EngineChangesTest, AddsUp) {
  EngineChanges changes{.containers = {"c1"}};

  changes.Add({.containers = {"c1", "c2"}, .networks_and_volumes = true});

  EXPECT_THAT(changes.containers, ElementsAre("c1", "c2"));
  EXPECT_TRUE(changes.networks_and_volumes);
}

}  // namespace
}  // namespace nopo
