// Services on a real engine: NOPO_TEST_DOCKER_HOST names its address ("unix:///run/docker.sock")
// and NOPO_TEST_IMAGE an image on it with busybox in it. Skipped where either is unset.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/unique_fd.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/services/service_logs.h"
#include "daemon/services/service_reconciler.h"
#include "daemon/services/service_starter.h"
#include "daemon/services/service_status.h"
#include "daemon/services/service_stopper.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Keeps what tasks print.
class PrintedOutput final : public EventSink {
 public:
  // Called on each piece of output.
  std::function<void()> on_output;

  void Publish(Event event) override ABSL_LOCKS_EXCLUDED(mutex_) {
    const auto* printed = std::get_if<TaskOutput>(&event.fact);
    if (printed == nullptr) return;
    {
      MutexLock lock(mutex_);
      output_[printed->task] += printed->data;
    }
    if (on_output) on_output();
  }
  std::string Of(const std::string& task) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return output_[task];
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::string> output_ ABSL_GUARDED_BY(mutex_);
};

class ServicesEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* host = std::getenv("NOPO_TEST_DOCKER_HOST");
    const char* image = std::getenv("NOPO_TEST_IMAGE");
    if (host == nullptr || image == nullptr) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine to test with";
    }
    image_ = image;
    engine_ = std::make_unique<DockerEngine>(ParseEndpoint(host).value());
    mirror_ = std::make_unique<EngineMirror>(*engine_);
    project_.slug = absl::StrCat("nopotest", ::getpid(), "s", ++projects_);
    project_.root = "/src/shop";
    project_.config_file = "/src/shop/nopo.yml";
    resources_ = std::make_unique<ProjectResources>(*engine_, *mirror_, project_.slug,
                                                    NetworkName(project_));
    web_.id = "web";
    web_.kind = TargetKind::kService;
    web_.compose.stop_grace_period = absl::ZeroDuration();
    Runs("sleep 1000");
  }

  void TearDown() override {
    if (mirror_ == nullptr) return;
    const auto snapshot = mirror_->Snapshot(never_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    for (const StopTask& task : PlanStops(**snapshot, project_.slug, {})) {
      const StopOptions now{.grace = absl::ZeroDuration(), .volumes = true};
      EXPECT_EQ(StopService(*engine_, *mirror_, task, now, events_, never_).status,
                absl::OkStatus());
    }
    EXPECT_TRUE(RemoveProjectNetworks(*engine_, *mirror_, project_.slug, never_).ok());
    EXPECT_TRUE(RemoveProjectVolumes(*engine_, *mirror_, project_.slug, never_).ok());
  }

  void Runs(const std::string& script) { web_.compose.command = {{"sh", "-c", script}}; }
  void ChecksHealthWith(const std::string& script) {
    web_.compose.healthcheck = HealthCheck{
        .test = {"CMD-SHELL", script}, .interval = absl::Milliseconds(100), .retries = 1};
  }

  DesiredService Desired() {
    return DesiredServiceOf(project_, web_, image_, instances_, {}, {}).value();
  }
  TaskResult Up(const StartOptions& options = {}) {
    return ServiceStarter(*engine_, *mirror_, *resources_)
        .Start("web:start", Desired(), options, {}, events_, never_);
  }
  std::vector<Container> Containers() {
    return LoggedContainers(**mirror_->Snapshot(never_), {.project = project_.slug});
  }
  Container Only() {
    const std::vector<Container> containers = Containers();
    EXPECT_EQ(containers.size(), 1u);
    return containers.empty() ? Container() : containers[0];
  }

  static inline int projects_ = 0;
  const Cancellation never_;
  std::string image_;
  std::unique_ptr<DockerEngine> engine_;
  std::unique_ptr<EngineMirror> mirror_;
  std::unique_ptr<ProjectResources> resources_;
  PrintedOutput events_;
  Project project_;
  Target web_;
  int instances_ = 1;
};

TEST_F(ServicesEngineTest, CreatesAndStartsWithComposesNamesAndAPublishedPort) {
  const TaskResult result = Up();

  ASSERT_EQ(result.status, absl::OkStatus());
  EXPECT_EQ(result.reason, "created: no container yet");
  const Container container = Only();
  EXPECT_EQ(container.name, project_.slug + "-web-1");
  EXPECT_EQ(container.state, ContainerState::kRunning);
  EXPECT_EQ(LabelOf(container.labels, kLabelImage), container.image_id);
  ASSERT_FALSE(container.ports.empty());
  EXPECT_EQ(container.ports[0].host_ip, "127.0.0.1");
  EXPECT_EQ(container.networks.count(project_.slug + "_default"), 1u);
}

TEST_F(ServicesEngineTest, LeavesAnUnchangedServiceAlone) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const Container before = Only();

  const TaskResult second = Up();

  EXPECT_EQ(second.status, absl::OkStatus());
  EXPECT_TRUE(second.up_to_date);
  EXPECT_EQ(Only().id, before.id);
  EXPECT_EQ(Only().started_at, before.started_at);
  EXPECT_TRUE(
      StatusOf(Desired(), **mirror_->Snapshot(never_, {.images = {Desired().image}})).up_to_date);
}

TEST_F(ServicesEngineTest, ReplacesAChangedServiceUnderItsNameAndOnItsPort) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const Container before = Only();
  web_.compose.environment = {{"A", "b"}};

  const TaskResult second = Up();

  ASSERT_EQ(second.status, absl::OkStatus());
  EXPECT_EQ(second.reason, "recreated: its configuration changed");
  const Container after = Only();
  EXPECT_NE(after.id, before.id);
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.ports, before.ports);
  EXPECT_TRUE(Up().up_to_date);
}

TEST_F(ServicesEngineTest, CompletesAReplacementThatBrokeOffAfterTheCreate) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const Container old = Only();
  web_.compose.environment = {{"A", "b"}};
  const std::string replacement =
      engine_
          ->CreateContainer(old.id.substr(0, 12) + "_" + old.name,
                            InstanceSpec(Desired(), 1, old.image_id, old.ports), never_)
          .value();

  ASSERT_EQ(Up().status, absl::OkStatus());

  EXPECT_EQ(Only().id, replacement);
  EXPECT_EQ(Only().name, old.name);
  EXPECT_EQ(Only().state, ContainerState::kRunning);
}

TEST_F(ServicesEngineTest, StartsAgainWhatWasStopped) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const Container before = Only();
  ASSERT_EQ(engine_->StopContainer(before.id, absl::ZeroDuration(), never_), absl::OkStatus());

  const TaskResult second = Up();

  EXPECT_EQ(second.status, absl::OkStatus());
  EXPECT_EQ(second.reason, "started: it is exited");
  EXPECT_EQ(Only().id, before.id);
}

TEST_F(ServicesEngineTest, ScalesUpAndDown) {
  instances_ = 3;
  ASSERT_EQ(Up().status, absl::OkStatus());
  EXPECT_EQ(Containers().size(), 3u);

  instances_ = 1;
  ASSERT_EQ(Up().status, absl::OkStatus());

  EXPECT_EQ(Only().name, project_.slug + "-web-1");
}

TEST_F(ServicesEngineTest, WaitsUntilTheHealthCheckPasses) {
  Runs("touch /ready; sleep 1000");
  ChecksHealthWith("test -e /ready");

  ASSERT_EQ(Up().status, absl::OkStatus());

  EXPECT_EQ(Only().health, HealthState::kHealthy);
}

TEST_F(ServicesEngineTest, FailsWithProbeAndLogWhenUnhealthy) {
  Runs("echo cannot reach db; sleep 1000");
  ChecksHealthWith("echo no answer; exit 1");

  const TaskResult result = Up();

  EXPECT_EQ(ReasonOf(result.status), Reason::kServiceFailed);
  EXPECT_THAT(std::string(result.status.message()),
              HasSubstr("-web-1 is unhealthy; last probe: no answer"));
  EXPECT_THAT(result.last_lines, ElementsAre("cannot reach db"));
  EXPECT_EQ(Only().state, ContainerState::kRunning);
}

TEST_F(ServicesEngineTest, FailsWhenItExitsAtOnce) {
  Runs("echo no config; exit 3");

  const TaskResult result = Up();

  EXPECT_EQ(ReasonOf(result.status), Reason::kServiceFailed);
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("exited with code 3"));
  EXPECT_THAT(result.last_lines, ElementsAre("no config"));
}

TEST_F(ServicesEngineTest, FailsWhenItsProgramIsNotThere) {
  web_.compose.command = {{"/no/such/program"}};

  const TaskResult result = Up();

  EXPECT_EQ(ReasonOf(result.status), Reason::kServiceFailed);
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("/no/such/program"));
}

TEST_F(ServicesEngineTest, FailsWhenItDoesNotGetHealthyInTime) {
  ChecksHealthWith("exit 1");
  web_.compose.healthcheck->interval = absl::Hours(1);

  const TaskResult result = Up({.health_timeout = absl::Milliseconds(200)});

  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status));
  EXPECT_EQ(ReasonOf(result.status), Reason::kServiceFailed);
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("is still starting"));
}

TEST_F(ServicesEngineTest, WaitsForCompletionOnceAndNotAgain) {
  Runs("exit 0");
  const StartOptions completion{.reach = DependencyCondition::kCompletedSuccessfully};

  ASSERT_EQ(Up(completion).status, absl::OkStatus());

  EXPECT_EQ(Only().state, ContainerState::kExited);
  EXPECT_TRUE(Up(completion).up_to_date);
}

TEST_F(ServicesEngineTest, NamesTheContainerThatHasItsPort) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const int port = Only().ports.at(0).host_port;
  Target api = web_;
  api.id = "api";
  api.compose.ports = {{.host_ip = "127.0.0.1", .published = absl::StrCat(port), .target = 3000}};
  const DesiredService desired = DesiredServiceOf(project_, api, image_, 1, {}, {}).value();

  const TaskResult result = ServiceStarter(*engine_, *mirror_, *resources_)
                                .Start("api:start", desired, {}, {}, events_, never_);

  EXPECT_EQ(ReasonOf(result.status), Reason::kPortTaken);
  EXPECT_EQ(
      std::string(result.status.message()),
      absl::StrCat("host port 127.0.0.1:", port, ", which api publishes, is taken by container ",
                   project_.slug, "-web-1 (project ", project_.slug, ")"));
}

TEST_F(ServicesEngineTest, TakesAnotherPortWhenTheOneItKeptIsTaken) {
  ASSERT_EQ(Up().status, absl::OkStatus());
  const Container before = Only();
  web_.compose.environment = {{"A", "b"}};
  // A replacement that broke off, and somebody who took the port meanwhile.
  ASSERT_TRUE(engine_
                  ->CreateContainer(before.id.substr(0, 12) + "_" + before.name,
                                    InstanceSpec(Desired(), 1, before.image_id, before.ports),
                                    never_)
                  .ok());
  ASSERT_EQ(engine_->RemoveContainer(before.id, true, false, never_), absl::OkStatus());
  const UniqueFd taker(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(before.ports.at(0).host_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(taker.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(taker.get(), 1), 0);

  ASSERT_EQ(Up().status, absl::OkStatus());

  EXPECT_NE(Only().ports.at(0).host_port, before.ports.at(0).host_port);
  EXPECT_EQ(Only().name, before.name);
}

TEST_F(ServicesEngineTest, PrintsTheLogsOfItsContainers) {
  Runs("echo hello; echo trouble >&2");
  ASSERT_EQ(Up({.reach = DependencyCondition::kCompletedSuccessfully}).status, absl::OkStatus());

  ASSERT_EQ(FollowLogs(*engine_, *mirror_, {.project = project_.slug, .services = {"web"}}, {},
                       events_, never_),
            absl::OkStatus());

  const std::string output = events_.Of("web-1");
  EXPECT_THAT(output, HasSubstr("hello\n"));
  EXPECT_THAT(output, HasSubstr("trouble\n"));
}

TEST_F(ServicesEngineTest, FollowsLogsUntilNothingRunsAnyMore) {
  Runs("echo first; sleep 1; echo last");
  ASSERT_EQ(Up().status, absl::OkStatus());

  ASSERT_EQ(
      FollowLogs(*engine_, *mirror_, {.project = project_.slug}, {.follow = true}, events_, never_),
      absl::OkStatus());

  EXPECT_EQ(events_.Of("web-1"), "first\nlast\n");
}

TEST_F(ServicesEngineTest, StopsFollowingWhenCancelled) {
  Runs("echo first; sleep 1000");
  ASSERT_EQ(Up().status, absl::OkStatus());
  Cancellation cancellation;
  events_.on_output = [&] { cancellation.Cancel(); };

  EXPECT_EQ(FollowLogs(*engine_, *mirror_, {.project = project_.slug}, {.follow = true}, events_,
                       cancellation),
            absl::OkStatus());
}

TEST_F(ServicesEngineTest, MakesItsVolumesWithComposesLabels) {
  web_.compose.volumes = {{.source = "data", .target = "/data"}};

  ASSERT_EQ(Up().status, absl::OkStatus());

  const auto volumes =
      engine_->ListVolumes({absl::StrCat(kLabelProject, "=", project_.slug)}, never_).value();
  ASSERT_EQ(volumes.size(), 1u);
  EXPECT_EQ(volumes[0].name, project_.slug + "_data");
  EXPECT_EQ(LabelOf(volumes[0].labels, kLabelVolume), "data");
}

}  // namespace
}  // namespace nopo
