#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "daemon/docker/engine_mirror.h"
#include "tests/fakes/tag_image.h"
#include "tests/unit/docker/engine_fixture.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::Not;

// Changes are made through `engine_`, of which the mirror under test knows nothing: for it they are
// somebody else's.
class LiveEngineMirrorTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    if (engine_ == nullptr) return;
    mirrored_ = std::make_unique<DockerEngine>(engine_->endpoint());
    mirror_ = std::make_unique<EngineMirror>(*mirrored_);
    ASSERT_TRUE(mirror_->Snapshot(never_).ok());
  }
  void TearDown() override {
    EngineFixture::TearDown();
    mirror_.reset();
  }

  std::shared_ptr<const EngineSnapshot> Snapshot() {
    return mirror_->Snapshot(never_).value_or(std::make_shared<const EngineSnapshot>());
  }

  std::string IdOf(const std::string& image) {
    const auto snapshot = mirror_->Snapshot(never_, {.images = {image}});
    return snapshot.ok() ? (*snapshot)->ImageId(image) : snapshot.status().ToString();
  }

  // "running", or "" when the mirror does not know the container.
  std::string StateOf(const std::string& id) {
    for (const Container& container : Snapshot()->ContainersOf(Unique("project"))) {
      if (container.id == id) return std::string(ContainerStateName(container.state));
    }
    return "";
  }

  std::unique_ptr<DockerEngine> mirrored_;
  std::unique_ptr<EngineMirror> mirror_;
};

TEST_F(LiveEngineMirrorTest, SeesWhatOthersDoToAContainer) {
  const std::string id = Create("seen", "trap 'exit 0' TERM; while :; do sleep 0.1; done");
  EXPECT_EQ(StateOf(id), "created");

  ASSERT_EQ(engine_->StartContainer(id, never_), absl::OkStatus());
  EXPECT_EQ(StateOf(id), "running");

  ASSERT_EQ(engine_->StopContainer(id, absl::Seconds(10), never_), absl::OkStatus());
  EXPECT_EQ(StateOf(id), "exited");

  ASSERT_EQ(engine_->RenameContainer(id, Unique("other"), never_), absl::OkStatus());
  EXPECT_EQ(Snapshot()->ContainersOf(Unique("project")).at(0).name, Unique("other"));

  ASSERT_EQ(engine_->RemoveContainer(id, true, true, never_), absl::OkStatus());
  EXPECT_EQ(StateOf(id), "");
}

TEST_F(LiveEngineMirrorTest, IsNeverBehindAChangeThatWasMadeBefore) {
  const std::string id = Create("race", "true");
  for (int i = 0; i < 50; ++i) {
    const std::string name = Unique("race" + std::to_string(i));
    ASSERT_EQ(engine_->RenameContainer(id, name, never_), absl::OkStatus());
    ASSERT_EQ(Snapshot()->ContainersOf(Unique("project")).at(0).name, name);
  }
}

TEST_F(LiveEngineMirrorTest, LeavesOutContainersOfNoProject) {
  ContainerSpec spec = Spec("true");
  spec.labels.clear();
  const std::string id = Create("foreign", spec);

  for (const Container& container : Snapshot()->containers) EXPECT_NE(container.id, id);
}

TEST_F(LiveEngineMirrorTest, SeesImagesTaggedAndRemoved) {
  const std::string tag = Unique("mirrored") + ":1";
  const std::string image_id = engine_->InspectImage(image_, never_)->id;
  EXPECT_EQ(IdOf(tag), "");

  ASSERT_EQ(TagImage(engine_->endpoint(), image_, tag), absl::OkStatus());
  EXPECT_EQ(IdOf(tag), image_id);

  ASSERT_EQ(engine_->RemoveImage(tag, never_), absl::OkStatus());
  EXPECT_EQ(IdOf(tag), "");
  EXPECT_EQ(IdOf(image_id), image_id);
}

TEST_F(LiveEngineMirrorTest, SeesNetworksAndVolumes) {
  const Labels labels = {{kLabelProject, Unique("project")}};
  const std::string network = engine_->CreateNetwork(Unique("net"), labels, never_).value_or("");
  EXPECT_EQ(engine_->CreateVolume(Unique("vol"), labels, never_), absl::OkStatus());

  const auto with = Snapshot();
  EXPECT_EQ(engine_->RemoveNetwork(network, never_), absl::OkStatus());
  EXPECT_EQ(engine_->RemoveVolume(Unique("vol"), never_), absl::OkStatus());
  const auto without = Snapshot();

  EXPECT_THAT(with->networks, Contains(Network{network, Unique("net"), labels}));
  EXPECT_THAT(with->volumes,
              Contains(AllOf(Field(&Volume::name, Unique("vol")), Field(&Volume::labels, labels))));
  EXPECT_THAT(without->networks, Not(Contains(Field(&Network::id, network))));
  EXPECT_THAT(without->volumes, Not(Contains(Field(&Volume::name, Unique("vol")))));
}

TEST_F(LiveEngineMirrorTest, WakesAWaitWhenTheContainerTurnsHealthy) {
  ContainerSpec spec = Spec("sleep 1000");
  spec.health = HealthConfig{.test = {"CMD", "true"}, .interval = absl::Milliseconds(50)};
  const std::string id = Create("healthy", spec);
  ASSERT_EQ(engine_->StartContainer(id, never_), absl::OkStatus());

  const absl::Status status = mirror_->WaitFor(
      id, absl::Now() + absl::Minutes(1),
      [](const auto& container) { return container->health == HealthState::kHealthy; }, never_);

  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LiveEngineMirrorTest, WakesAWaitWhenTheContainerEndsOrGoes) {
  const std::string id = Start("ends", "sleep 0.2; exit 5");
  int exit_code = 0;

  EXPECT_EQ(mirror_->WaitFor(
                id, absl::Now() + absl::Minutes(1),
                [&](const auto& container) {
                  exit_code = container->exit_code;
                  return container->state == ContainerState::kExited;
                },
                never_),
            absl::OkStatus());
  EXPECT_EQ(exit_code, 5);

  std::thread remover([&] { (void)engine_->RemoveContainer(id, true, true, never_); });
  EXPECT_EQ(mirror_->WaitFor(
                id, absl::Now() + absl::Minutes(1),
                [](const auto& container) { return !container.has_value(); }, never_),
            absl::OkStatus());
  remover.join();
}

TEST_F(LiveEngineMirrorTest, LooksAgainAtWhatIsInvalidated) {
  // A start that fails makes no event.
  ContainerSpec spec = Spec("");
  spec.command = {{"/no/such/program"}};
  const std::string id = Create("failed", spec);
  EXPECT_EQ(StateOf(id), "created");
  ASSERT_FALSE(engine_->StartContainer(id, never_).ok());

  mirror_->Invalidate(id);

  EXPECT_NE(Snapshot()->ContainersOf(Unique("project")).at(0).error, "");
}

}  // namespace
}  // namespace nopo
