#include "daemon/docker/docker_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/unique_fd.h"
#include "tests/fakes/tag_image.h"
#include "tests/unit/docker/engine_fixture.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

class DockerEngineTest : public EngineFixture {
 protected:
  const OutputHandler collect_ = [this](ContainerStream stream, absl::string_view data) {
    (stream == ContainerStream::kStdout ? out_ : err_) += std::string(data);
  };
  std::string out_, err_;
};

TEST_F(DockerEngineTest, AgreesOnAVersion) {
  const auto version = engine_->Ping(never_);
  const auto release = engine_->Version(never_);

  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_TRUE(version->ApiAtLeast(1, 41));
  EXPECT_FALSE(version->ApiAtLeast(1, 46));
  EXPECT_EQ(version->os, "linux");
  ASSERT_TRUE(release.ok()) << release.status();
  EXPECT_THAT(*release, Not(testing::IsEmpty()));
}

TEST_F(DockerEngineTest, TakesAContainerThroughItsLife) {
  ContainerSpec spec = Spec("trap 'exit 3' TERM; while :; do sleep 0.1; done");
  spec.env = {"A=b"};
  spec.nano_cpus = 500'000'000;
  spec.memory_bytes = 64 << 20;
  const std::string id = Create("life", spec);

  EXPECT_EQ(engine_->InspectContainer(id, never_)->state, ContainerState::kCreated);
  EXPECT_EQ(engine_->StartContainer(id, never_), absl::OkStatus());
  EXPECT_EQ(engine_->StartContainer(id, never_), absl::OkStatus()) << "the second time too";
  const Container running = engine_->InspectContainer(id, never_).value();
  EXPECT_EQ(running.state, ContainerState::kRunning);
  EXPECT_EQ(running.name, Unique("life"));
  // The image may have labels of its own.
  EXPECT_THAT(running.labels, testing::IsSupersetOf(spec.labels));

  EXPECT_EQ(engine_->RenameContainer(id, Unique("renamed"), never_), absl::OkStatus());
  EXPECT_EQ(engine_->StopContainer(id, absl::Seconds(10), never_), absl::OkStatus());
  EXPECT_EQ(engine_->StopContainer(id, absl::Seconds(10), never_), absl::OkStatus());
  EXPECT_EQ(engine_->InspectContainer(id, never_)->exit_code, 3);
  EXPECT_EQ(engine_->InspectContainer(id, never_)->name, Unique("renamed"));

  EXPECT_EQ(engine_->RemoveContainer(id, false, true, never_), absl::OkStatus());
  EXPECT_EQ(engine_->RemoveContainer(id, false, true, never_), absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(engine_->InspectContainer(id, never_).status()));
}

TEST_F(DockerEngineTest, ListsContainersByLabel) {
  const std::string id = Create("listed", "true");
  const std::string label = absl::StrCat(kLabelProject, "=", Unique("project"));

  const auto found = engine_->ListContainers({label}, never_);
  const auto none = engine_->ListContainers({label, "other=1"}, never_);

  ASSERT_TRUE(found.ok() && none.ok());
  EXPECT_THAT(*found, ElementsAre(Field(&Container::id, id)));
  EXPECT_TRUE(none->empty());
}

TEST_F(DockerEngineTest, RefusesATakenNameAndAMissingImage) {
  Create("taken", "true");
  ContainerSpec absent = Spec("true");
  absent.image = "nopotest-no-such-image:1";

  EXPECT_TRUE(absl::IsAlreadyExists(
      engine_->CreateContainer(Unique("taken"), Spec("true"), never_).status()));
  EXPECT_TRUE(
      absl::IsNotFound(engine_->CreateContainer(Unique("absent"), absent, never_).status()));
}

TEST_F(DockerEngineTest, ReportsATakenHostPort) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  ContainerSpec spec = Spec("sleep 100");
  spec.network_mode = "bridge";
  spec.ports = {{.container_port = 80,
                 .host_ip = "127.0.0.1",
                 .host_port = std::to_string(ntohs(address.sin_port))}};

  const absl::Status status = engine_->StartContainer(Create("port", spec), never_);

  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(ReasonOf(status), Reason::kPortTaken);
}

TEST_F(DockerEngineTest, ShowsPublishedPorts) {
  ContainerSpec spec = Spec("sleep 100");
  spec.network_mode = "bridge";
  spec.ports = {{.container_port = 80, .host_ip = "127.0.0.1", .host_port = "0"}};
  const std::string id = Create("published", spec);

  ASSERT_EQ(engine_->StartContainer(id, never_), absl::OkStatus());
  const Container container = engine_->InspectContainer(id, never_).value();

  ASSERT_EQ(container.ports.size(), 1);
  EXPECT_EQ(container.ports[0].container_port, 80);
  EXPECT_GT(container.ports[0].host_port, 0);
}

TEST_F(DockerEngineTest, RunsAttachedAndLosesNothing) {
  const std::string id = Create("attached", "echo first; echo oops >&2; seq 1 20000; exit 7");

  const auto exit_code = engine_->RunAttached(id, collect_, never_);

  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 7);
  EXPECT_EQ(err_, "oops\n");
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 20001);
  EXPECT_THAT(out_, HasSubstr("\n20000\n"));
}

TEST_F(DockerEngineTest, RunsAttachedToATerminal) {
  ContainerSpec spec = Spec("test -t 1 && echo terminal");
  spec.tty = true;

  const auto exit_code = engine_->RunAttached(Create("tty", spec), collect_, never_);

  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0);
  EXPECT_EQ(out_, "terminal\r\n");
}

TEST_F(DockerEngineTest, SaysWhyACommandCannotStart) {
  ContainerSpec spec = Spec("");
  spec.command = {{"/no/such/program"}};

  const auto exit_code = engine_->RunAttached(Create("nostart", spec), collect_, never_);

  EXPECT_EQ(ReasonOf(exit_code.status()), Reason::kEngineFailed);
  EXPECT_THAT(std::string(exit_code.status().message()), HasSubstr("/no/such/program"));
}

TEST_F(DockerEngineTest, EndsAnAttachedRunThatIsCancelled) {
  const std::string id = Create("cancelled", "echo ready; sleep 1000");
  Cancellation cancellation;

  const auto exit_code = engine_->RunAttached(
      id, [&](ContainerStream, absl::string_view) { cancellation.Cancel(); }, cancellation);

  EXPECT_TRUE(absl::IsCancelled(exit_code.status()));
}

TEST_F(DockerEngineTest, WaitsForTheExitCodeOfACommandInARunningContainer) {
  const std::string id = Start("exec", "sleep 1000");
  const auto exec = engine_->CreateExec(
      id, {.command = {"sh", "-c", "sleep 0.5; exit 7"}, .attach = false}, never_);
  ASSERT_TRUE(exec.ok()) << exec.status();
  ASSERT_EQ(engine_->StartDetachedExec(*exec, never_), absl::OkStatus());

  EXPECT_TRUE(engine_->InspectExec(*exec, never_)->running);
  EXPECT_EQ(engine_->WaitForExec(id, *exec, never_).value_or(-1), 7) << "still to come";
  EXPECT_EQ(engine_->WaitForExec(id, *exec, never_).value_or(-1), 7) << "past";
}

TEST_F(DockerEngineTest, SaysThatACommandInARunningContainerCannotStart) {
  const std::string id = Start("exec-nostart", "sleep 1000");
  const auto exec = engine_->CreateExec(id, {.command = {"/no/such/program"}}, never_);
  ASSERT_TRUE(exec.ok()) << exec.status();

  EXPECT_TRUE(absl::IsInternal(engine_->StartDetachedExec(*exec, never_)));

  EXPECT_TRUE(engine_->InspectExec(*exec, never_)->refused);
}

TEST_F(DockerEngineTest, RefusesACommandInAContainerThatDoesNotRun) {
  const auto exec =
      engine_->CreateExec(Create("exec-stopped", "true"), {.command = {"true"}}, never_);

  EXPECT_EQ(exec.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DockerEngineTest, ReadsLogs) {
  const std::string id = Start("logs", "echo one; echo two; echo bad >&2");
  EXPECT_EQ(engine_->ReadLogs(id, {.follow = true}, collect_, never_), absl::OkStatus());

  EXPECT_EQ(out_, "one\ntwo\n");
  EXPECT_EQ(err_, "bad\n");
}

TEST_F(DockerEngineTest, FollowsLogsUntilCancelled) {
  const std::string id = Start("followed", "echo ready; sleep 1000");
  Cancellation cancellation;

  const absl::Status status = engine_->ReadLogs(
      id, {.follow = true, .tail = 10},
      [&](ContainerStream, absl::string_view) { cancellation.Cancel(); }, cancellation);

  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(DockerEngineTest, MakesAndRemovesNetworks) {
  const Labels labels = {{Unique("label"), "x"}};
  const auto id = engine_->CreateNetwork(Unique("net"), labels, never_);
  ASSERT_TRUE(id.ok()) << id.status();

  EXPECT_TRUE(
      absl::IsAlreadyExists(engine_->CreateNetwork(Unique("net"), labels, never_).status()));
  const auto found = engine_->ListNetworks({Unique("label")}, never_);
  EXPECT_EQ(engine_->RemoveNetwork(*id, never_), absl::OkStatus());

  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, ElementsAre(Network{*id, Unique("net"), labels}));
  EXPECT_TRUE(absl::IsNotFound(engine_->RemoveNetwork(*id, never_)));
}

TEST_F(DockerEngineTest, MakesAndRemovesVolumes) {
  const Labels labels = {{Unique("label"), "x"}};
  ASSERT_EQ(engine_->CreateVolume(Unique("vol"), labels, never_), absl::OkStatus());

  const auto found = engine_->ListVolumes({Unique("label")}, never_);
  const auto inspected = engine_->InspectVolume(Unique("vol"), never_);
  EXPECT_EQ(engine_->RemoveVolume(Unique("vol"), never_), absl::OkStatus());

  ASSERT_TRUE(inspected.ok()) << inspected.status();
  EXPECT_EQ(inspected->name, Unique("vol"));
  EXPECT_EQ(inspected->labels, labels);
  EXPECT_NE(inspected->created, "");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, ElementsAre(*inspected));
  EXPECT_TRUE(absl::IsNotFound(engine_->InspectVolume(Unique("vol"), never_).status()));
}

TEST_F(DockerEngineTest, TagsInspectsListsAndRemovesImages) {
  const std::string tag = Unique("image") + ":1";
  ASSERT_EQ(TagImage(engine_->endpoint(), image_, tag), absl::OkStatus());

  const auto inspected = engine_->InspectImage(tag, never_);
  const auto listed = engine_->ListImages(never_);
  EXPECT_EQ(engine_->RemoveImage(tag, never_), absl::OkStatus());

  ASSERT_TRUE(inspected.ok() && listed.ok());
  EXPECT_THAT(inspected->tags, Contains(tag));
  EXPECT_THAT(*listed, Contains(Field(&Image::id, inspected->id)));
  EXPECT_TRUE(absl::IsNotFound(engine_->InspectImage(tag, never_).status()));
}

TEST_F(DockerEngineTest, CarriesTheRegistrysWordsWhenAPullFails) {
  // Port 1 of this machine: nobody listens there.
  const absl::Status status =
      engine_->PullImage("127.0.0.1:1/nopo:1", "", nullptr, never_).status();

  EXPECT_EQ(ReasonOf(status), Reason::kNetwork) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("connection refused"));
}

TEST_F(DockerEngineTest, RemembersWhatHappened) {
  const absl::Time before = absl::Now();
  const std::string id = Start("history", "sleep 1000");

  const auto events = engine_->PastEvents(before, absl::Now(), never_);

  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_THAT(*events, Contains(testing::AllOf(Field(&EngineEvent::action, "start"),
                                               Field(&EngineEvent::actor_id, id))));
}

}  // namespace
}  // namespace nopo
