#include "daemon/services/service_reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

std::vector<ServiceStep> Steps(const DesiredService& desired, std::vector<Container> containers,
                               DependencyCondition reach = DependencyCondition::kHealthy) {
  return ReconcileService(desired, ObserveService(AnEngineWith(std::move(containers)), desired),
                          reach);
}
std::string Text(std::vector<Container> containers) {
  return StepsText(Steps(AService(), std::move(containers)));
}

TEST(ServiceReconcilerTest, CreatesAndStartsWhatIsNotThere) {
  EXPECT_EQ(Text({}),
            "create shop-web-1: no container yet\n"
            "start shop-web-1: just created\n");
}

TEST(ServiceReconcilerTest, LeavesAContainerAloneThatIsAsDesired) {
  EXPECT_EQ(Text({AContainer()}), "");
}

TEST(ServiceReconcilerTest, LeavesAloneWhatTheEngineKeepsRestarting) {
  EXPECT_EQ(Text({AContainer().In(ContainerState::kRestarting)}), "");
}

TEST(ServiceReconcilerTest, ReplacesAContainerWhoseImageChanged) {
  EXPECT_EQ(Text({AContainer().Id("0123456789abcdef").Image("sha256:ffffffffffffffff")}),
            "create 0123456789ab_shop-web-1: its image changed from ffffffffffff to 1a2b3c4d5e6f\n"
            "stop shop-web-1: replaced\n"
            "remove shop-web-1: replaced\n"
            "rename 0123456789ab_shop-web-1 to shop-web-1: the name is free\n"
            "start shop-web-1: just created\n");
}

TEST(ServiceReconcilerTest, ReplacesAContainerWhoseConfigurationChangedWithoutStoppingADeadOne) {
  EXPECT_EQ(Text({AContainer().Id("0123456789abcdef").Label(kLabelConfigHash, "h0").Exited(1)}),
            "create 0123456789ab_shop-web-1: its configuration changed\n"
            "remove shop-web-1: replaced\n"
            "rename 0123456789ab_shop-web-1 to shop-web-1: the name is free\n"
            "start shop-web-1: just created\n");
}

TEST(ServiceReconcilerTest, ReplacesWhatComposeMade) {
  const auto steps = Steps(AService(), {AContainer().Without(kLabelConfigHash)});

  EXPECT_EQ(StepsSummary(steps), "recreated: it was not made by nopo");
}

TEST(ServiceReconcilerTest, ReplacesAContainerThatRemembersANetworkThatIsGone) {
  const auto steps = Steps(AService(), {AContainer().On("network-0").Exited(0)});

  EXPECT_EQ(StepsSummary(steps), "recreated: its network was made anew");
}

TEST(ServiceReconcilerTest, KeepsAnotherTagOfTheSameImage) {
  Container container = AContainer();
  container.image = "shop-web:older-name";

  EXPECT_EQ(Text({container}), "");
}

TEST(ServiceReconcilerTest, HandsThePortsOfTheOldContainerToTheNewOne) {
  const PortMapping port{.host_ip = "127.0.0.1", .host_port = 32768, .container_port = 3000};

  const auto steps = Steps(AService(), {AContainer().Image("sha256:0").Port(port)});

  const auto& create = std::get<CreateContainer>(steps.at(0).action);
  EXPECT_THAT(create.keep_ports, testing::ElementsAre(port));
  EXPECT_EQ(create.replaces, "id-of-shop-web-1");
}

TEST(ServiceReconcilerTest, StartsWhatStopped) {
  EXPECT_EQ(Text({AContainer().Exited(137)}), "start shop-web-1: it is exited\n");
  EXPECT_EQ(Text({AContainer().In(ContainerState::kCreated)}), "start shop-web-1: it is created\n");
  EXPECT_EQ(Text({AContainer().In(ContainerState::kPaused)}),
            "stop shop-web-1: it is paused\n"
            "start shop-web-1: it is paused\n");
}

TEST(ServiceReconcilerTest, RunsACompletedServiceOnlyWhereCompletionIsNotTheAim) {
  const Container completed = AContainer().Exited(0);

  EXPECT_TRUE(Steps(AService(), {completed}, DependencyCondition::kCompletedSuccessfully).empty());
  EXPECT_EQ(StepsText(Steps(AService(), {completed})), "start shop-web-1: it is exited\n");
}

TEST(ServiceReconcilerTest, RunsAFailedServiceAgainWhereCompletionIsTheAim) {
  const auto steps =
      Steps(AService(), {AContainer().Exited(3)}, DependencyCondition::kCompletedSuccessfully);

  EXPECT_EQ(StepsText(steps), "start shop-web-1: it is exited\n");
}

TEST(ServiceReconcilerTest, MakesWayForAContainerThatIsBeingRemoved) {
  EXPECT_EQ(Text({AContainer().In(ContainerState::kRemoving)}),
            "remove shop-web-1: it is removing\n"
            "create shop-web-1: no container yet\n"
            "start shop-web-1: just created\n");
}

TEST(ServiceReconcilerTest, AddsTheInstancesThatAreMissing) {
  DesiredService service = AService();
  service.instances = 3;

  EXPECT_EQ(StepsText(Steps(service, {AContainer("web", 2)})),
            "create shop-web-1: no container yet\n"
            "start shop-web-1: just created\n"
            "create shop-web-3: no container yet\n"
            "start shop-web-3: just created\n");
}

TEST(ServiceReconcilerTest, TakesTheHighestNumbersAwayFirst) {
  EXPECT_EQ(Text({AContainer("web", 1), AContainer("web", 2), AContainer("web", 10).Exited(0)}),
            "remove shop-web-10: only 1 wanted\n"
            "stop shop-web-2: only 1 wanted\n"
            "remove shop-web-2: only 1 wanted\n");
}

TEST(ServiceReconcilerTest, SaysWhatTheStepsComeTo) {
  EXPECT_EQ(StepsSummary({}), "unchanged");
  EXPECT_EQ(StepsSummary(Steps(AService(), {})), "created: no container yet");
  EXPECT_EQ(StepsSummary(Steps(AService(), {AContainer().Exited(1)})), "started: it is exited");
  EXPECT_EQ(StepsSummary(Steps(AService(), {AContainer(), AContainer("web", 2)})),
            "removed: only 1 wanted");
}

// What a replacement leaves behind that is killed between two of its steps.
class BrokenReplacementTest : public testing::Test {
 protected:
  AContainer Old() { return AContainer().Id("0123456789abcdef").Label(kLabelConfigHash, "h0"); }
  AContainer New() {
    return AContainer().Id("new").Named("0123456789ab_shop-web-1").In(ContainerState::kCreated);
  }
};

TEST_F(BrokenReplacementTest, AfterTheCreateGoesOnWithTheStop) {
  EXPECT_EQ(Text({Old(), New()}),
            "stop shop-web-1: 0123456789ab_shop-web-1 takes its place\n"
            "remove shop-web-1: 0123456789ab_shop-web-1 takes its place\n"
            "rename 0123456789ab_shop-web-1 to shop-web-1: its replacement broke off\n"
            "start shop-web-1: it is created\n");
}

TEST_F(BrokenReplacementTest, AfterTheStopGoesOnWithTheRemoval) {
  EXPECT_EQ(Text({Old().Exited(143), New()}),
            "remove shop-web-1: 0123456789ab_shop-web-1 takes its place\n"
            "rename 0123456789ab_shop-web-1 to shop-web-1: its replacement broke off\n"
            "start shop-web-1: it is created\n");
}

TEST_F(BrokenReplacementTest, AfterTheRemovalGoesOnWithTheRename) {
  EXPECT_EQ(Text({New()}),
            "rename 0123456789ab_shop-web-1 to shop-web-1: its replacement broke off\n"
            "start shop-web-1: it is created\n");
}

TEST_F(BrokenReplacementTest, AfterTheRenameGoesOnWithTheStart) {
  EXPECT_EQ(Text({New().Named("shop-web-1")}), "start shop-web-1: it is created\n");
}

TEST_F(BrokenReplacementTest, ClearsAStaleReplacementBeforeMakingAnother) {
  EXPECT_EQ(Text({Old(), New().Label(kLabelConfigHash, "h0.5")}),
            "remove 0123456789ab_shop-web-1: shop-web-1 takes its place\n"
            "create 0123456789ab_shop-web-1: its configuration changed\n"
            "stop shop-web-1: replaced\n"
            "remove shop-web-1: replaced\n"
            "rename 0123456789ab_shop-web-1 to shop-web-1: the name is free\n"
            "start shop-web-1: just created\n");
}

TEST_F(BrokenReplacementTest, DropsTheReplacementWhenTheOldOneIsWhatIsWantedAgain) {
  EXPECT_EQ(Text({AContainer(), New().Label(kLabelConfigHash, "h2")}),
            "remove 0123456789ab_shop-web-1: shop-web-1 takes its place\n");
}

TEST(ObserveServiceTest, SeesTheServicesOwnContainersWhateverTheirName) {
  const EngineSnapshot snapshot =
      AnEngineWith({AContainer().Named("renamed"), AContainer("web", 7).Label(kLabelOneOff, "True"),
                    AContainer("api"), AContainer().Label(kLabelProject, "blog")});

  const ObservedService observed = ObserveService(snapshot, AService());

  ASSERT_EQ(observed.containers.size(), 1u);
  EXPECT_EQ(observed.containers[0].name, "renamed");
  EXPECT_EQ(observed.image_id, kImageId);
  EXPECT_EQ(observed.network_id, kNetworkId);
}

TEST(FindOrphansTest, AreContainersOfServicesThatAreNoMore) {
  const std::vector<Container> orphans = FindOrphans(
      {AContainer("web"), AContainer("old"), AContainer("old", 2).Label(kLabelOneOff, "True")},
      {"web"});

  ASSERT_EQ(orphans.size(), 1u);
  EXPECT_EQ(orphans[0].name, "shop-old-1");
}

}  // namespace
}  // namespace nopo
