#include "daemon/docker/container_json.h"

#include <gtest/gtest.h>

#include "daemon/docker/json_fields.h"

namespace nopo {
namespace {

const EngineVersion kOldEngine{.api_version = "1.41"};
const EngineVersion kNewEngine{.api_version = "1.45"};

boost::json::value BodyOf(const ContainerSpec& spec, const EngineVersion& version = kNewEngine) {
  return boost::json::parse(ContainerCreateBody(spec, version));
}

std::string Text(const boost::json::value& value) { return boost::json::serialize(value); }

TEST(ContainerCreateBodyTest, AsksForLittleByDefault) {
  EXPECT_EQ(ContainerCreateBody({.image = "shop"}, kNewEngine),
            R"({"Image":"shop","Tty":false,"OpenStdin":false,"StdinOnce":false,)"
            R"("AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Labels":{},)"
            R"("HostConfig":{}})");
}

TEST(ContainerCreateBodyTest, LeavesCommandAndEntrypointToTheImageUnlessSet) {
  const auto body = BodyOf({.command = {{"sh", "-c", "true"}}, .entrypoint = {{}}});

  EXPECT_EQ(Text(FieldAt(body, {"Cmd"})), R"(["sh","-c","true"])");
  EXPECT_EQ(Text(FieldAt(body, {"Entrypoint"})), "[]");
}

TEST(ContainerCreateBodyTest, ExposesEveryPortAndPublishesThoseWithAHostPort) {
  const auto body =
      BodyOf({.ports = {{.container_port = 80, .host_ip = "127.0.0.1", .host_port = "8080"},
                        {.container_port = 80, .host_port = "0"},
                        {.container_port = 53, .protocol = "udp"}}});

  EXPECT_EQ(Text(FieldAt(body, {"ExposedPorts"})), R"({"80/tcp":{},"53/udp":{}})");
  EXPECT_EQ(Text(FieldAt(body, {"HostConfig", "PortBindings"})),
            R"({"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"},)"
            R"({"HostIp":"","HostPort":"0"}]})");
}

TEST(ContainerCreateBodyTest, UsesBindsOnlyWhereTheHostPathMayBeMade) {
  const auto body =
      BodyOf({.mounts = {{.type = "bind", .source = "/a", .target = "/x", .create_host_path = true},
                         {.type = "bind", .source = "/b", .target = "/y", .read_only = true},
                         {.type = "volume", .source = "data", .target = "/z"},
                         {.type = "tmpfs", .target = "/t"}}});

  EXPECT_EQ(Text(FieldAt(body, {"HostConfig", "Binds"})), R"(["/a:/x"])");
  EXPECT_EQ(Text(FieldAt(body, {"HostConfig", "Mounts"})),
            R"([{"Type":"bind","Target":"/y","Source":"/b","ReadOnly":true},)"
            R"({"Type":"volume","Target":"/z","Source":"data"},)"
            R"({"Type":"tmpfs","Target":"/t"}])");
}

TEST(ContainerCreateBodyTest, SendsAStartIntervalOnlyToEnginesThatKnowIt) {
  const ContainerSpec spec{.health = HealthConfig{.test = {"CMD", "true"},
                                                  .interval = absl::Seconds(10),
                                                  .start_period = absl::Seconds(5),
                                                  .start_interval = absl::Milliseconds(50),
                                                  .retries = 2}};

  EXPECT_EQ(Text(FieldAt(BodyOf(spec, kNewEngine), {"Healthcheck"})),
            R"({"Test":["CMD","true"],"Interval":10000000000,"StartPeriod":5000000000,)"
            R"("StartInterval":50000000,"Retries":2})");
  EXPECT_EQ(Text(FieldAt(BodyOf(spec, kOldEngine), {"Healthcheck", "StartInterval"})), "null");
}

TEST(ContainerCreateBodyTest, GivesAliasesOnUserDefinedNetworksOnly) {
  const auto own = BodyOf({.network_mode = "shop_default", .network_aliases = {"web"}});
  const auto host = BodyOf({.network_mode = "host", .network_aliases = {"web"}});

  EXPECT_EQ(Text(FieldAt(own, {"NetworkingConfig"})),
            R"({"EndpointsConfig":{"shop_default":{"Aliases":["web"]}}})");
  EXPECT_EQ(Text(FieldAt(host, {"NetworkingConfig"})), "null");
  EXPECT_EQ(TextAt(host, {"HostConfig", "NetworkMode"}), "host");
}

TEST(ContainerCreateBodyTest, SetsLimitsAndRestartPolicy) {
  const auto host = FieldAt(BodyOf({.nano_cpus = 500'000'000,
                                    .memory_bytes = 64 << 20,
                                    .restart = "on-failure:3",
                                    .tmpfs = {"/run:size=1m", "/tmp"}}),
                            {"HostConfig"});

  EXPECT_EQ(Text(host), R"({"NanoCpus":500000000,"Memory":67108864,"RestartPolicy":)"
                        R"({"Name":"on-failure","MaximumRetryCount":3},)"
                        R"("Tmpfs":{"/run":"size=1m","/tmp":""}})");
}

TEST(ContainerCreateBodyTest, SetsTheSizeOfATerminalAsRowsAndColumns) {
  const auto host = FieldAt(BodyOf({.console_columns = 111, .console_rows = 40}), {"HostConfig"});

  EXPECT_EQ(Text(host), R"({"ConsoleSize":[40,111]})");
}

TEST(LabelFilterTest, SelectsByAllLabels) {
  EXPECT_EQ(LabelFilter({"a", "b=c"}), R"({"label":["a","b=c"]})");
}

TEST(ExecCreateBodyTest, AsksForLittleByDefault) {
  EXPECT_EQ(ExecCreateBody({.command = {"ls", "-la"}}, kNewEngine),
            R"({"Cmd":["ls","-la"],"Tty":false,"AttachStdin":true,"AttachStdout":true,)"
            R"("AttachStderr":true,"Privileged":false})");
}

TEST(ExecCreateBodyTest, SaysWhoRunsTheCommandWhereAndWithWhat) {
  const auto body = boost::json::parse(ExecCreateBody({.command = {"id"},
                                                       .env = {"A=b"},
                                                       .working_dir = "/srv",
                                                       .user = "1000:1000",
                                                       .privileged = true,
                                                       .attach = false},
                                                      kNewEngine));

  EXPECT_EQ(Text(FieldAt(body, {"Env"})), R"(["A=b"])");
  EXPECT_EQ(TextAt(body, {"WorkingDir"}), "/srv");
  EXPECT_EQ(TextAt(body, {"User"}), "1000:1000");
  EXPECT_TRUE(FlagAt(body, {"Privileged"}));
  EXPECT_FALSE(FlagAt(body, {"AttachStdin"}));
}

TEST(ExecCreateBodyTest, TellsATerminalsSizeOnlyToEnginesThatKnowItAndFreesCtrlP) {
  const ExecSpec spec{.command = {"sh"}, .tty = true, .console_columns = 120, .console_rows = 40};

  const auto body = boost::json::parse(ExecCreateBody(spec, kNewEngine));

  EXPECT_EQ(Text(FieldAt(body, {"ConsoleSize"})), "[40,120]");
  EXPECT_EQ(TextAt(body, {"DetachKeys"}), "ctrl-@,ctrl-^,ctrl-@,ctrl-_");
  EXPECT_TRUE(
      FieldAt(boost::json::parse(ExecCreateBody(spec, kOldEngine)), {"ConsoleSize"}).is_null());
}

}  // namespace
}  // namespace nopo
