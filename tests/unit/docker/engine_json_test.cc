#include "daemon/docker/engine_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kRunning[] = R"({
  "Id": "c1", "Name": "/shop-web-1", "Image": "sha256:aa", "RestartCount": 2,
  "Created": "2026-01-02T03:04:05.000000006Z",
  "Config": {"Image": "shop-web:local", "Tty": true, "Labels": {"a": "b"},
             "Healthcheck": {"Test": ["CMD", "true"]}},
  "State": {"Status": "running", "ExitCode": 0, "Error": "", "OOMKilled": false,
            "StartedAt": "2026-01-02T03:04:06Z",
            "Health": {"Status": "healthy", "Log": [{"Output": "old"}, {"Output": "new"}]}},
  "NetworkSettings": {
    "Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "81/tcp": null},
    "Networks": {"shop_default": {"NetworkID": "n1"}}}})";

TEST(ReadContainerTest, ReadsARunningContainer) {
  const absl::StatusOr<Container> container = ReadContainer(kRunning);

  ASSERT_TRUE(container.ok());
  EXPECT_EQ(*container, (Container{.id = "c1",
                                   .name = "shop-web-1",
                                   .image = "shop-web:local",
                                   .image_id = "sha256:aa",
                                   .labels = {{"a", "b"}},
                                   .state = ContainerState::kRunning,
                                   .health = HealthState::kHealthy,
                                   .has_healthcheck = true,
                                   .last_health_output = "new",
                                   .restart_count = 2,
                                   .created_at = absl::FromUnixNanos(1767323045000000006),
                                   .started_at = absl::FromUnixSeconds(1767323046),
                                   .ports = {{"127.0.0.1", 8080, 80, "tcp"}},
                                   .networks = {{"shop_default", "n1"}}}));
  EXPECT_TRUE(*ReadContainerHasTty(kRunning));
}

TEST(ReadContainerTest, IgnoresTheHealthOfWhatDoesNotRun) {
  const absl::StatusOr<Container> container = ReadContainer(
      R"({"State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true,
                    "Health": {"Status": "unhealthy"}}})");

  ASSERT_TRUE(container.ok());
  EXPECT_EQ(container->state, ContainerState::kExited);
  EXPECT_EQ(container->health, HealthState::kNone);
  EXPECT_EQ(container->exit_code, 137);
  EXPECT_TRUE(container->oom_killed);
}

TEST(ReadContainerTest, HasNotStartedInTheYearOne) {
  const absl::StatusOr<Container> container = ReadContainer(
      R"({"State": {"Status": "created", "StartedAt": "0001-01-01T00:00:00Z", "Error": "no"}})");

  ASSERT_TRUE(container.ok());
  EXPECT_EQ(container->started_at, absl::InfinitePast());
  EXPECT_EQ(container->error, "no");
}

TEST(ReadContainerTest, CountsADisabledHealthCheckAsNone) {
  EXPECT_FALSE(
      ReadContainer(R"({"Config": {"Healthcheck": {"Test": ["NONE"]}}})")->has_healthcheck);
}

TEST(ReadContainerTest, RefusesWhatIsNotJson) {
  EXPECT_EQ(ReasonOf(ReadContainer("<html>").status()), Reason::kEngineFailed);
}

TEST(ReadImagesTest, LeavesOutTheNamesOfNamelessImages) {
  const auto images = ReadImages(
      R"([{"Id": "sha256:1", "RepoTags": ["<none>:<none>"], "RepoDigests": null, "Labels": null},
          {"Id": "sha256:2", "RepoTags": ["shop:1", "shop:2"], "RepoDigests": ["shop@sha256:9"],
           "Labels": {"a": "b"}, "Size": 7}])");

  ASSERT_TRUE(images.ok());
  ASSERT_EQ(images->size(), 2);
  EXPECT_THAT((*images)[0].tags, IsEmpty());
  EXPECT_THAT((*images)[1].tags, ElementsAre("shop:1", "shop:2"));
  EXPECT_THAT((*images)[1].digests, ElementsAre("shop@sha256:9"));
  EXPECT_THAT((*images)[1].labels, ElementsAre(Pair("a", "b")));
  EXPECT_EQ((*images)[1].size, 7);
}

TEST(ReadImageTest, ReadsWhatContainersInherit) {
  const auto image = ReadImage(
      R"({"Id": "sha256:1", "Config": {"Cmd": ["sh"], "Entrypoint": null,
          "Healthcheck": {"Test": ["CMD-SHELL", "true"]}, "Labels": {"a": "b"}}})");

  ASSERT_TRUE(image.ok());
  EXPECT_THAT(image->command, ElementsAre("sh"));
  EXPECT_THAT(image->entrypoint, IsEmpty());
  EXPECT_TRUE(image->has_healthcheck);
  EXPECT_THAT(image->labels, ElementsAre(Pair("a", "b")));
}

TEST(ReadVolumesTest, AcceptsNoVolumes) {
  EXPECT_THAT(*ReadVolumes(R"({"Volumes": null, "Warnings": null})"), IsEmpty());
}

TEST(ReadExitCodeTest, ReadsTheCodeOrWhyThereIsNone) {
  EXPECT_EQ(*ReadExitCode(R"({"Error": null, "StatusCode": 3})"), 3);
  EXPECT_EQ(ReadExitCode(R"({"Error": {"Message": "lost"}, "StatusCode": -1})").status().message(),
            "lost");
}

TEST(ReadExecStateTest, TellsWhatRunsFromWhatHasEnded) {
  EXPECT_EQ(*ReadExecState(R"({"Running": true, "ExitCode": null, "Pid": 7})"),
            (ExecState{.running = true}));
  EXPECT_EQ(*ReadExecState(R"({"Running": false, "ExitCode": 0, "Pid": 7})"),
            (ExecState{.exit_code = 0}));
}

TEST(ReadExecStateTest, TellsWhatHasEndedFromWhatNeverRan) {
  EXPECT_EQ(*ReadExecState(R"({"Running": false, "ExitCode": 126, "Pid": 0})"),
            (ExecState{.exit_code = 126, .refused = true}));
  EXPECT_FALSE(ReadExecState(R"({"Running": false, "ExitCode": null, "Pid": 0})")->refused)
      << "not started yet";
}

TEST(ReadEventTest, ReadsTypeActionActorAndTime) {
  const auto event = ReadEvent(
      R"({"status": "start", "id": "c1", "Type": "container", "Action": "start",
          "Actor": {"ID": "c1", "Attributes": {"name": "web"}}, "timeNano": 1767323045000000006})");

  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->type, "container");
  EXPECT_EQ(event->action, "start");
  EXPECT_EQ(event->actor_id, "c1");
  EXPECT_THAT(event->attributes, ElementsAre(Pair("name", "web")));
  EXPECT_EQ(event->time_ns, 1767323045000000006);
}

}  // namespace
}  // namespace nopo
