#include "daemon/operations/service_report.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

PortMapping Published(int host_port, int container_port) {
  return {.host_ip = "127.0.0.1", .host_port = host_port, .container_port = container_port};
}

DesiredService Named(const std::string& service) {
  DesiredService desired = AService();
  desired.service = service;
  return desired;
}

TEST(ServiceReportTest, SaysOfEachServiceHowItIsAndWhereToReachIt) {
  const EngineSnapshot engine =
      AnEngineWith({AContainer("web").Health(HealthState::kHealthy).Port(Published(49153, 8080)),
                    AContainer("worker")});

  const ServiceReport report =
      ReportServices({{"web", Named("web")}, {"worker", Named("worker")}}, engine);

  EXPECT_EQ(report.text,
            "  web     healthy    http://127.0.0.1:49153\n"
            "  worker  running\n");
  EXPECT_EQ(boost::json::parse(report.json), boost::json::parse(R"({
    "web": {"state": "healthy", "urls": ["http://127.0.0.1:49153"]},
    "worker": {"state": "running", "urls": []}})"));
}

TEST(ServiceReportTest, ListsTheUrlsOfAllInstances) {
  const ServiceReport report = ReportServices(
      {{"web", Named("web")}}, AnEngineWith({AContainer("web", 1).Port(Published(5001, 80)),
                                             AContainer("web", 2).Port(Published(5002, 80))}));
  EXPECT_EQ(report.text, "  web  running    http://127.0.0.1:5001 http://127.0.0.1:5002\n");
}

TEST(ServiceReportTest, LeavesOutContainersOfARunCommand) {
  const ServiceReport report = ReportServices(
      {{"web", Named("web")}},
      AnEngineWith({AContainer("web").Label(kLabelOneOff, "True").Port(Published(5001, 80))}));
  EXPECT_EQ(report.text, "  web  absent\n");
}

TEST(ServiceReportTest, IsEmptyWithoutServices) {
  EXPECT_EQ(ReportServices({}, AnEngineWith({})).text, "");
  EXPECT_EQ(ReportServices({}, AnEngineWith({})).json, "{}");
}

}  // namespace
}  // namespace nopo
