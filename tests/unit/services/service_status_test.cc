#include "daemon/services/service_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

using testing::ElementsAre;

ServiceStatus Status(std::vector<Container> containers, int instances = 1) {
  DesiredService service = AService();
  service.instances = instances;
  return StatusOf(service, AnEngineWith(std::move(containers)));
}

TEST(ServiceStatusTest, IsAbsentWithoutContainers) {
  const ServiceStatus status = Status({});

  EXPECT_EQ(status.state, "absent");
  EXPECT_EQ(status.health, "none");
  EXPECT_EQ(status.image, "shop-web:local");
  EXPECT_EQ(status.image_id, kImageId);
  EXPECT_FALSE(status.up_to_date);
}

TEST(ServiceStatusTest, ShowsHealthWhereItIsCheckedAndTheStateWhereNot) {
  EXPECT_EQ(Status({AContainer()}).state, "running");
  EXPECT_EQ(Status({AContainer().Health(HealthState::kHealthy)}).state, "healthy");
  EXPECT_EQ(Status({AContainer().Health(HealthState::kStarting)}).health, "starting");
}

TEST(ServiceStatusTest, DoesNotBelieveTheHealthOfWhatStopped) {
  const ServiceStatus status = Status({AContainer().Health(HealthState::kUnhealthy).Exited(1)});

  EXPECT_EQ(status.state, "exited");
  EXPECT_EQ(status.health, "none");
}

TEST(ServiceStatusTest, IsAsBadAsItsWorstContainer) {
  EXPECT_EQ(Status({AContainer("web", 1).Health(HealthState::kHealthy),
                    AContainer("web", 2).Health(HealthState::kStarting)},
                   2)
                .state,
            "starting");
  EXPECT_EQ(Status({AContainer("web", 1), AContainer("web", 2).Exited(1)}, 2).state, "exited");
}

TEST(ServiceStatusTest, IsUpToDateWhenAnUpWouldFindNothingToDo) {
  EXPECT_TRUE(Status({AContainer()}).up_to_date);
  EXPECT_FALSE(Status({AContainer().Image("sha256:old")}).up_to_date);
  EXPECT_FALSE(Status({AContainer().Label(kLabelConfigHash, "h0")}).up_to_date);
  EXPECT_FALSE(Status({AContainer().Exited(0)}).up_to_date);
  EXPECT_FALSE(Status({AContainer()}, 2).up_to_date);
}

TEST(ServiceStatusTest, CountsACompletedServiceAsUpToDateWhereThatIsTheAim) {
  DesiredService job = AService();
  job.reach = DependencyCondition::kCompletedSuccessfully;

  const ServiceStatus done = StatusOf(job, AnEngineWith({AContainer().Exited(0)}));
  const ServiceStatus failed = StatusOf(job, AnEngineWith({AContainer().Exited(3)}));

  EXPECT_TRUE(done.up_to_date);
  EXPECT_EQ(done.state, "completed");
  EXPECT_FALSE(failed.up_to_date);
  EXPECT_EQ(failed.state, "exited");
}

TEST(ServiceStatusTest, ListsContainersByNumber) {
  const ServiceStatus status = Status({AContainer("web", 10), AContainer("web", 2)}, 10);

  ASSERT_EQ(status.containers.size(), 2u);
  EXPECT_EQ(status.containers[0].name, "shop-web-2");
  EXPECT_EQ(status.containers[1].name, "shop-web-10");
}

TEST(PortTextTest, PutsIPv6AddressesInBrackets) {
  EXPECT_EQ(PortText({.host_ip = "127.0.0.1", .host_port = 8080, .container_port = 3000}),
            "127.0.0.1:8080->3000/tcp");
  EXPECT_EQ(PortText({.host_ip = "::", .host_port = 53, .container_port = 53, .protocol = "udp"}),
            "[::]:53->53/udp");
}

TEST(ServiceUrlsTest, NamesEachReachablePortOnce) {
  const Container container =
      AContainer()
          .Port({.host_ip = "0.0.0.0", .host_port = 8080, .container_port = 80})
          .Port({.host_ip = "::", .host_port = 8080, .container_port = 80})
          .Port({.host_ip = "127.0.0.1", .host_port = 53, .container_port = 53, .protocol = "udp"});

  EXPECT_THAT(ServiceUrls({container}), ElementsAre("http://127.0.0.1:8080"));
}

}  // namespace
}  // namespace nopo
