#include <gmock/gmock.h>
#include <signal.h>

#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A service that answers on its port and is healthy once it does.
constexpr char kWebConfig[] = R"(
infrastructure: {port: 8080}
compose:
  command: httpd -f -p 8080 -h /srv
  init: true
  healthcheck: {test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 100ms}
)";
constexpr char kWebDockerfile[] = "COPY index.html /srv/index.html\n";
constexpr char kSleeper[] = "compose: {command: sleep 600, stop_grace_period: 0s, init: true}\n";

class UpTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  void WriteWeb() {
    WriteService("web", kWebConfig, kWebDockerfile);
    Write("apps/web/index.html", "first");
  }
  // What the published port of `service` answers.
  std::string Get(const std::string& service) {
    const Container container = ContainerOf(service);
    if (container.ports.empty()) return "nothing is published";
    return Run({"curl", "-sS", "http://127.0.0.1:" + std::to_string(container.ports[0].host_port)})
        .out;
  }
};

TEST_F(UpTest, BuildsStartsAndAnswersOnLocalhost) {
  WriteWeb();

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("web").health, HealthState::kHealthy);
  EXPECT_EQ(Get("web"), "first");
}

TEST_F(UpTest, ASecondUpTouchesNothingAndSaysSo) {
  WriteWeb();
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const Container before = ContainerOf("web");

  const ProcessOutcome again = Nopo({"up"});

  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("nothing changed"));
  EXPECT_EQ(ContainerOf("web").id, before.id);
  EXPECT_EQ(ContainerOf("web").started_at, before.started_at);
}

TEST_F(UpTest, AnEditedFileRebuildsAndReplacesOnlyItsService) {
  WriteWeb();
  WriteService("other", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string other = ContainerOf("other").id;
  Write("apps/web/index.html", "other");

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(Get("web"), "other");
  EXPECT_EQ(ContainerOf("other").id, other);
}

TEST_F(UpTest, AnEditMadeWhileTheDaemonWasStoppedIsSeen) {
  WriteWeb();
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  ASSERT_EQ(Nopo({"daemon", "stop"}).exit_code, 0);
  Write("apps/web/index.html", "later");

  EXPECT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_EQ(Get("web"), "later");
}

TEST_F(UpTest, AnImageRemovedBehindItsBackIsBuiltAgain) {
  WriteWeb();
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  ASSERT_EQ(Nopo({"down"}).exit_code, 0);
  ASSERT_TRUE(engine().RemoveImage(slug() + "-web:local", never()).ok());

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(Get("web"), "first");
}

TEST_F(UpTest, AContainerRemovedByHandIsMadeAgain) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  ASSERT_TRUE(engine().RemoveContainer(ContainerOf("app").id, true, true, never()).ok());

  EXPECT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

TEST_F(UpTest, ChangedConfigurationReplacesTheContainer) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string before = ContainerOf("app").id;
  WriteService("app", std::string(kSleeper) + "infrastructure: {memory: 64Mi}\n");

  EXPECT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_NE(ContainerOf("app").id, before);
}

TEST_F(UpTest, RemovesOrphansOfTheProject) {
  WriteService("app", kSleeper);
  WriteService("old", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  std::filesystem::remove_all(project() / "apps/old");

  EXPECT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_TRUE(ContainersOf("old").empty());
  EXPECT_EQ(ContainersOf("app").size(), 1);
}

TEST_F(UpTest, StartsDependenciesFirstAndNamedTargetsBringThem) {
  WriteService("db", kSleeper);
  WriteService("api", std::string("dependencies: [db]\n") + kSleeper);
  WriteService("lone", kSleeper);

  EXPECT_EQ(Nopo({"up", "api"}).exit_code, 0);

  EXPECT_LE(ContainerOf("db").started_at, ContainerOf("api").started_at);
  EXPECT_TRUE(ContainersOf("lone").empty());
}

TEST_F(UpTest, ServicesReachEachOtherByName) {
  WriteWeb();
  WriteService("client", std::string("dependencies: [web]\n") + kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const ProcessOutcome got =
      Run({"docker", "exec", slug() + "-client-1", "wget", "-q", "-O", "-", "http://web:8080/"});

  EXPECT_EQ(got.out, "first") << got.err;
}

TEST_F(UpTest, AppliesTheLimits) {
  WriteService("app", std::string(kSleeper) + "infrastructure: {cpu: 500m, memory: 64Mi}\n");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const ProcessOutcome limits =
      Run({"docker", "inspect", "-f", "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}",
           slug() + "-app-1"});

  EXPECT_EQ(limits.out, "500000000 67108864\n");
}

TEST_F(UpTest, MinInstancesAndScaleDecideHowMany) {
  WriteService("app",
               std::string(kSleeper) + "infrastructure: {min_instances: 2, max_instances: 3}\n");
  EXPECT_EQ(Nopo({"up"}).exit_code, 0);
  EXPECT_EQ(ContainersOf("app").size(), 2);

  EXPECT_EQ(Nopo({"up", "--scale", "app=3"}).exit_code, 0);
  EXPECT_EQ(ContainersOf("app").size(), 3);

  EXPECT_EQ(Nopo({"up", "--scale", "app=4"}).exit_code, 3);
  EXPECT_EQ(ContainersOf("app").size(), 3);
}

TEST_F(UpTest, ContainersCarryComposesLabels) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const Container app = ContainerOf("app");

  EXPECT_EQ(app.name, slug() + "-app-1");
  EXPECT_EQ(app.labels.at("com.docker.compose.container-number"), "1");
  EXPECT_EQ(app.labels.at("com.docker.compose.image"), app.image_id);
  EXPECT_FALSE(app.labels.at("com.docker.compose.config-hash").empty());
}

TEST_F(UpTest, DownRemovesContainersAndNetworkAndKeepsVolumes) {
  WriteService("app", R"(
compose: {command: sleep 600, stop_grace_period: 0s, volumes: ["data:/data"]}
)");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string label = "com.docker.compose.project=" + slug();

  const ProcessOutcome down = Nopo({"down"});

  EXPECT_EQ(down.exit_code, 0) << down.err;
  EXPECT_TRUE(AllContainers().empty());
  EXPECT_TRUE(engine().ListNetworks({label}, never())->empty());
  EXPECT_EQ(engine().ListVolumes({label}, never())->size(), 1);
  EXPECT_EQ(Nopo({"down", "--volumes"}).exit_code, 0);
  EXPECT_TRUE(engine().ListVolumes({label}, never())->empty());
}

TEST_F(UpTest, DownOfOneTargetLeavesTheOthers) {
  WriteService("app", kSleeper);
  WriteService("other", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_EQ(Nopo({"down", "app"}).exit_code, 0);

  EXPECT_TRUE(ContainersOf("app").empty());
  EXPECT_EQ(ContainersOf("other").size(), 1);
}

TEST_F(UpTest, LogsShowsWhatServicesPrint) {
  WriteService("app",
               "compose: {command: [sh, -c, 'echo to-out; echo to-err >&2; sleep 600'],"
               " stop_grace_period: 0s}\n");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const ProcessOutcome logs = Nopo({"logs", "app"});

  EXPECT_EQ(logs.exit_code, 0) << logs.err;
  EXPECT_THAT(logs.out, HasSubstr("[app-1] to-out\n"));
  EXPECT_THAT(logs.err, HasSubstr("[app-1] to-err\n"));
}

TEST_F(UpTest, LogsFollowEndsOnCtrlC) {
  WriteService("app",
               "compose: {command: [sh, -c, 'echo hello; sleep 600'],"
               " stop_grace_period: 0s}\n");
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const auto logs = StartNopo({"logs", "-f"});
  ASSERT_TRUE(logs->WaitForOutput("[app-1] hello", absl::Seconds(30)));

  logs->Signal(SIGINT);

  const ProcessOutcome followed = logs->Wait(absl::Seconds(30));
  EXPECT_EQ(followed.exit_code, 130);
  EXPECT_EQ(followed.err, "");
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

TEST_F(UpTest, StatusShowsEachServiceAsTextAndJson) {
  WriteWeb();
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const ProcessOutcome json = Nopo({"status", "--json"});

  EXPECT_THAT(Nopo({"status"}).out, HasSubstr("healthy"));
  EXPECT_THAT(json.out, HasSubstr(R"("state":"healthy")"));
  EXPECT_THAT(json.out, HasSubstr(R"("up_to_date":true)"));
  EXPECT_THAT(json.out, HasSubstr(R"("state":"connected")"));
}

TEST_F(UpTest, ADryRunPrintsTheStagesAndDoesNothing) {
  WriteService("db", kSleeper);
  WriteService("api", std::string("dependencies: [db]\n") + kSleeper);

  const ProcessOutcome dry = Nopo({"up", "--dry-run"});

  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.out,
            "Stage 1: [db:build]\n"
            "Stage 2: [api:build, db:start]\n"
            "Stage 3: [api:start]\n");
  EXPECT_THAT(Nopo({"up", "--dry-run", "--json"}).out, HasSubstr(R"("api:start":{"target":"api")"));
  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(UpTest, JsonPrintsOneResultObjectOnStdout) {
  WriteService("app", kSleeper);

  const ProcessOutcome up = Nopo({"up", "--json"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(up.out, HasSubstr(R"("ok":true,"changed":true)"));
  EXPECT_THAT(up.out, Not(HasSubstr("started")));
}

}  // namespace
}  // namespace nopo
