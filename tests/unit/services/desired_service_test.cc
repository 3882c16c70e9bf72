#include "daemon/services/desired_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class DesiredServiceTest : public testing::Test {
 protected:
  DesiredServiceTest() {
    project_.slug = "shop";
    project_.root = "/src/shop";
    project_.config_file = "/src/shop/nopo.yml";
    web_.id = "web";
    web_.kind = TargetKind::kService;
    web_.location.file = "apps/web/nopo.yml";
  }

  absl::StatusOr<DesiredService> Make(int instances = 1) {
    return DesiredServiceOf(project_, web_, "shop-web:local", instances, environment_, dotenv_);
  }
  DesiredService Desired() { return Make().value(); }
  std::string Error(int instances = 1) {
    const absl::Status status = Make(instances).status();
    EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
    return std::string(status.message());
  }

  Project project_;
  Target web_;
  EnvironmentMap environment_, dotenv_;
};

TEST_F(DesiredServiceTest, CarriesComposesLabels) {
  const DesiredService service = Desired();

  const Labels& labels = service.spec.labels;
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.project", "shop")));
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.service", "web")));
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.oneoff", "False")));
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.depends_on", "")));
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.project.working_dir", "/src/shop")));
  EXPECT_THAT(labels,
              Contains(Pair("com.docker.compose.project.config_files", "/src/shop/nopo.yml")));
  EXPECT_THAT(labels, Contains(Pair("com.docker.compose.config-hash", service.config_hash)));
  EXPECT_THAT(labels, Contains(Pair("nopo.config-hash", service.config_hash)));
}

TEST_F(DesiredServiceTest, LabelsTheServicesItDependsOnAndNoPackages) {
  for (const auto& [id, kind] :
       {std::pair("db", TargetKind::kService), std::pair("api", TargetKind::kService),
        std::pair("shared", TargetKind::kPackage)}) {
    Target& target = project_.targets.emplace_back();
    target.id = id;
    target.kind = kind;
  }
  web_.dependencies = {{.target = "shared"}, {.target = "api"}};
  web_.infrastructure.depends_on = {
      {.target = "db", .condition = DependencyCondition::kCompletedSuccessfully}};

  EXPECT_THAT(Desired().spec.labels,
              Contains(Pair("com.docker.compose.depends_on",
                            "api:service_healthy:false,db:service_completed_successfully:false")));
}

TEST_F(DesiredServiceTest, MountsFromTheCallersHome) {
  web_.compose.volumes = {
      {.type = VolumeMount::Type::kBind, .source = "~/.cache", .target = "/cache"}};
  EXPECT_THAT(Error(), HasSubstr("compose.volumes: '~/.cache' needs the variable HOME"));
  environment_["HOME"] = "/home/ann/";

  EXPECT_EQ(Desired().spec.mounts.at(0).source, "/home/ann/.cache");
}

TEST_F(DesiredServiceTest, PublishesItsPortOnTheLoopbackAddressAtAnyFreeOne) {
  web_.infrastructure.port = 8000;

  const std::vector<PortBinding> ports = Desired().spec.ports;

  ASSERT_EQ(ports.size(), 1u);
  EXPECT_EQ(ports[0].container_port, 8000);
  EXPECT_EQ(ports[0].host_ip, "127.0.0.1");
  EXPECT_EQ(ports[0].host_port, "0");
}

TEST_F(DesiredServiceTest, PublishesWhatComposePortsSayInstead) {
  web_.compose.ports = {{.published = "8080", .target = 80}, {.target = 81, .protocol = "udp"}};

  const std::vector<PortBinding> ports = Desired().spec.ports;

  ASSERT_EQ(ports.size(), 2u);
  EXPECT_EQ(ports[0].host_port, "8080");
  EXPECT_EQ(ports[1].host_port, "0");
  EXPECT_EQ(ports[1].protocol, "udp");
}

TEST_F(DesiredServiceTest, PublishesNothingOnTheHostsNetwork) {
  web_.compose.network_mode = "host";

  const DesiredService service = Desired();

  EXPECT_TRUE(service.spec.ports.empty());
  EXPECT_TRUE(service.spec.network_aliases.empty());
  EXPECT_FALSE(service.uses_project_network);
}

TEST_F(DesiredServiceTest, IsReachedByItsNameOnTheProjectsNetwork) {
  web_.compose.networks_aliases = {"www"};

  const ContainerSpec spec = InstanceSpec(Desired(), 2, "sha256:1", {});

  EXPECT_EQ(spec.network_mode, "shop_default");
  EXPECT_THAT(spec.network_aliases, ElementsAre("shop-web-2", "web", "www"));
}

TEST_F(DesiredServiceTest, RunsComposesCommandBeforeAllOthers) {
  web_.compose.command = {{"serve", "--all"}};
  web_.infrastructure.command = "./other";

  EXPECT_THAT(*Desired().spec.command, ElementsAre("serve", "--all"));
}

TEST_F(DesiredServiceTest, RunsItsStartCommandWithThatCommandsEnvironment) {
  web_.commands = {{.name = "start", .path = "start", .run = "python3 serve.py"}};
  web_.commands[0].env = {{"MODE", "start"}, {"LEVEL", "1"}};
  web_.compose.environment = {{"LEVEL", "2"}};

  const ContainerSpec spec = Desired().spec;

  EXPECT_THAT(*spec.command, ElementsAre("python3", "serve.py"));
  EXPECT_THAT(spec.env, ElementsAre("LEVEL=2", "MODE=start"));
}

TEST_F(DesiredServiceTest, LeavesCommandAndDirectoryToTheImageWhenNothingIsSaid) {
  const ContainerSpec spec = Desired().spec;

  EXPECT_FALSE(spec.command.has_value());
  EXPECT_FALSE(spec.entrypoint.has_value());
  EXPECT_EQ(spec.working_dir, "");
  EXPECT_TRUE(spec.env.empty());
}

TEST_F(DesiredServiceTest, WorksInItsDirectoryBelowTheProjectInTheImage) {
  web_.infrastructure.directory = "./apps/web";

  EXPECT_EQ(Desired().spec.working_dir, "/app/apps/web");
}

TEST_F(DesiredServiceTest, PassesOnTheCallersVariablesBeforeThoseOfDotenv) {
  web_.compose.environment_passthrough = {"BOTH", "FILE_ONLY", "NOWHERE"};
  environment_ = {{"BOTH", "caller"}, {"UNASKED", "x"}};
  dotenv_ = {{"BOTH", "file"}, {"FILE_ONLY", "file"}};

  EXPECT_THAT(Desired().spec.env, ElementsAre("BOTH=caller", "FILE_ONLY=file"));
}

TEST_F(DesiredServiceTest, NamesVolumesAfterTheProject) {
  web_.compose.volumes = {
      {.source = "data", .target = "/data"},
      {.target = "/anonymous"},
      {.type = VolumeMount::Type::kBind, .source = "/src", .target = "/src", .read_only = true}};

  const DesiredService service = Desired();

  ASSERT_EQ(service.volumes.size(), 1u);
  EXPECT_EQ(service.volumes[0].name, "shop_data");
  EXPECT_EQ(service.volumes[0].key, "data");
  ASSERT_EQ(service.spec.mounts.size(), 3u);
  EXPECT_EQ(service.spec.mounts[0].source, "shop_data");
  EXPECT_EQ(service.spec.mounts[1].source, "");
  EXPECT_EQ(service.spec.mounts[2].type, "bind");
  EXPECT_TRUE(service.spec.mounts[2].read_only);
}

TEST_F(DesiredServiceTest, TurnsADisabledHealthCheckOff) {
  web_.compose.healthcheck = HealthCheck{.disable = true};

  EXPECT_THAT(Desired().spec.health->test, ElementsAre("NONE"));
}

TEST_F(DesiredServiceTest, HashesConfigurationAndLimitsButNotTheImage) {
  const std::string before = Desired().config_hash;

  const std::string other_image =
      DesiredServiceOf(project_, web_, "shop-web:v2", 1, {}, {}).value().config_hash;
  web_.infrastructure.memory_bytes *= 2;
  const std::string more_memory = Desired().config_hash;
  web_.compose.environment = {{"A", "b"}};
  const std::string variable_set = Desired().config_hash;

  EXPECT_EQ(other_image, before);
  EXPECT_NE(more_memory, before);
  EXPECT_NE(variable_set, more_memory);
}

TEST_F(DesiredServiceTest, KeepsItsHashFromOneReleaseToTheNext) {
  EXPECT_EQ(Desired().config_hash, "65bf87bb41aac4d6a7c5bb3b41abf16b");
}

TEST_F(DesiredServiceTest, HashesTheUsersLabelsButNotThoseOfTheProjectsPlace) {
  const std::string before = Desired().config_hash;

  project_.root = "/moved/shop";
  const std::string moved = Desired().config_hash;
  web_.compose.labels = {{"team", "a"}};

  EXPECT_EQ(moved, before);
  EXPECT_NE(Desired().config_hash, before);
}

TEST_F(DesiredServiceTest, RefusesOneNameForSeveralInstances) {
  web_.compose.container_name = "www";

  EXPECT_EQ(Error(2),
            "apps/web/nopo.yml: compose.container_name: 'www' can name only one of 2 instances; "
            "leave it out");
}

TEST_F(DesiredServiceTest, RefusesOneHostPortForSeveralInstancesButTakesARange) {
  web_.compose.ports = {{.published = "8080", .target = 80}};
  EXPECT_THAT(Error(2), HasSubstr("only one of 2 instances can have host port 8080"));

  web_.compose.ports = {{.published = "8080-8081", .target = 80}};
  EXPECT_TRUE(Make(2).ok());
}

TEST_F(DesiredServiceTest, RefusesPortsOnTheHostsNetwork) {
  web_.compose.network_mode = "host";
  web_.compose.ports = {{.published = "80", .target = 80}};

  EXPECT_THAT(Error(), HasSubstr("compose.ports: cannot be published with network_mode 'host'"));
}

TEST_F(DesiredServiceTest, RefusesAnotherServicesNetwork) {
  web_.compose.network_mode = "service:db";

  EXPECT_THAT(Error(), HasSubstr("compose.network_mode: 'service:db' is not supported"));
}

TEST_F(DesiredServiceTest, GivesAnInstanceItsNumberImageAndKeptPort) {
  const PortMapping kept{.host_ip = "127.0.0.1", .host_port = 32768, .container_port = 3000};

  const ContainerSpec spec = InstanceSpec(Desired(), 2, "sha256:1", {kept});

  EXPECT_THAT(spec.labels, Contains(Pair("com.docker.compose.container-number", "2")));
  EXPECT_THAT(spec.labels, Contains(Pair("com.docker.compose.image", "sha256:1")));
  EXPECT_EQ(spec.ports.at(0).host_port, "32768");
}

TEST_F(DesiredServiceTest, KeepsNoPortOfAnotherAddress) {
  const PortMapping other{.host_ip = "0.0.0.0", .host_port = 32768, .container_port = 3000};

  EXPECT_EQ(InstanceSpec(Desired(), 1, "sha256:1", {other}).ports.at(0).host_port, "0");
}

}  // namespace
}  // namespace nopo
