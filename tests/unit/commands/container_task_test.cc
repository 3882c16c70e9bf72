// On a real engine.
//
// NOPO_TEST_DOCKER_HOST is the engine's address; NOPO_TEST_IMAGE an image in it with the usual
// tools of a shell. Everything made is named after this process and removed.
#include "daemon/commands/container_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "tests/unit/commands/recorded_output.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Pair;
using ::testing::SizeIs;

class ContainerTaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* host = std::getenv("NOPO_TEST_DOCKER_HOST");
    const char* image = std::getenv("NOPO_TEST_IMAGE");
    if (host == nullptr || image == nullptr) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine and image";
    }
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(host);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    docker_ = std::make_unique<DockerEngine>(*endpoint);
    command_.project = absl::StrCat("nopo-commands-", ::getpid());
    command_.service = "web";
    command_.root = ::testing::TempDir();
    command_.image = image;
  }

  TaskResult Run(const std::string& line) {
    command_.run = line;
    return RunContainerCommand(*docker_, "web:test", command_, output_, cancellation_);
  }
  std::vector<Container> Containers() {
    const Cancellation never;
    return docker_
        ->ListContainers({absl::StrCat("com.docker.compose.project=", command_.project)}, never)
        .value_or(std::vector<Container>());
  }

  std::unique_ptr<DockerEngine> docker_;
  ContainerCommand command_;
  RecordedOutput output_;
  Cancellation cancellation_;
};

TEST_F(ContainerTaskTest, ReportsBothStreamsAndLeavesNothingBehind) {
  const TaskResult result = Run("echo out; echo error >&2");

  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(output_.stdout_text(), "out\n");
  EXPECT_EQ(output_.stderr_text(), "error\n");
  EXPECT_THAT(Containers(), IsEmpty());
}

TEST_F(ContainerTaskTest, AFailureCarriesTheExitCodeAndTheLastLines) {
  const TaskResult result = Run("seq 1 25; exit 3");

  EXPECT_EQ(result.status.message(), "exited with code 3");
  EXPECT_EQ(ExitCodeOf(result.status), 3);
  ASSERT_THAT(result.last_lines, SizeIs(20));
  EXPECT_EQ(result.last_lines.back(), "25");
  EXPECT_THAT(Containers(), IsEmpty());
}

TEST_F(ContainerTaskTest, AMissingProgramIsCode127WithAHint) {
  const absl::Status status = Run("nopo-has-no-such-program").status;

  EXPECT_EQ(ExitCodeOf(status), 127);
  EXPECT_THAT(HintsOf(status), Contains(HasSubstr("not found")));
}

TEST_F(ContainerTaskTest, GetsItsEnvironmentAndDirectory) {
  command_.env = {{"A", "b c"}};
  command_.dir = "/tmp";

  EXPECT_TRUE(Run("echo \"$A\" $(pwd)").status.ok());

  EXPECT_EQ(output_.stdout_text(), "b c /tmp\n");
}

TEST_F(ContainerTaskTest, SeesTheProjectWhenItIsMounted) {
  const std::string name = absl::StrCat("nopo-mounted-", ::getpid());
  const std::filesystem::path file = command_.root / name;
  std::ofstream(file) << "hello";
  command_.mount_project = true;
  command_.dir = "/app";

  const TaskResult result = Run(absl::StrCat("cat ", name));

  std::filesystem::remove(file);
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(output_.stdout_text(), "hello");
}

TEST_F(ContainerTaskTest, HasTheNameAndLabelsOfComposesOneOffContainers) {
  std::vector<Container> seen;
  output_.WhenPrinted("ready", [&] {
    seen = Containers();
    cancellation_.Cancel();
  });

  Run("echo ready; sleep 100000");

  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].name, MatchesRegex(command_.project + "-web-run-[0-9a-f]{12}"));
  EXPECT_THAT(seen[0].labels, AllOf(Contains(Pair("com.docker.compose.oneoff", "True")),
                                    Contains(Pair("com.docker.compose.service", "web"))));
}

TEST_F(ContainerTaskTest, CancellationKillsAndRemovesIt) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("trap '' TERM; echo ready; while :; do sleep 1; done");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(Containers(), IsEmpty());
}

TEST_F(ContainerTaskTest, ACancelledTaskMakesNoContainer) {
  cancellation_.Cancel();

  EXPECT_EQ(Run("true").status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(Containers(), IsEmpty());
}

TEST_F(ContainerTaskTest, IsOnTheProjectsNetworkIfThereIsOne) {
  const Cancellation never;
  const std::string name = absl::StrCat(command_.project, "_default");
  const absl::StatusOr<std::string> network = docker_->CreateNetwork(
      name,
      {{"com.docker.compose.project", command_.project}, {"com.docker.compose.network", "default"}},
      never);
  ASSERT_TRUE(network.ok()) << network.status();
  std::vector<Container> seen;
  output_.WhenPrinted("ready", [&] {
    seen = Containers();
    cancellation_.Cancel();
  });

  Run("echo ready; sleep 100000");

  EXPECT_TRUE(docker_->RemoveNetwork(*network, never).ok());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].networks, Contains(Pair(name, *network)));
}

TEST_F(ContainerTaskTest, AMissingImageIsAnErrorWithAHint) {
  command_.image = "nopo-has-no-such-image:1";

  const absl::Status status = Run("true").status;

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(status), kExitEngine);
  EXPECT_THAT(HintsOf(status), Contains(HasSubstr("nopo build web")));
}

TEST_F(ContainerTaskTest, AnImageWithoutAShellIsExplained) {
  command_.env = {{"PATH", "/nowhere"}};

  const TaskResult result = Run("true");

  EXPECT_EQ(ExitCodeOf(result.status), 127);
  EXPECT_THAT(HintsOf(result.status), Contains(HasSubstr("`sh -c`")));
  EXPECT_THAT(Containers(), IsEmpty());
}

}  // namespace
}  // namespace nopo
