#include "daemon/buildkit/solve_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildkit/control.pb.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1;
using testing::IsEmpty;
using testing::SizeIs;

v1::Vertex& AddVertex(v1::StatusResponse& response, const std::string& name) {
  v1::Vertex& vertex = *response.add_vertexes();
  vertex.set_digest("sha256:" + name);
  vertex.set_name(name);
  return vertex;
}

// What is told of a step that ran, or was cached.
v1::StatusResponse Finished(const std::string& name, bool cached) {
  v1::StatusResponse response;
  v1::Vertex& vertex = AddVertex(response, name);
  vertex.set_cached(cached);
  vertex.mutable_started()->set_seconds(10);
  vertex.mutable_completed()->set_seconds(12);
  vertex.mutable_completed()->set_nanos(500'000'000);
  return response;
}

TEST(SolveProgressTest, MergesWhatIsSaidOfAStepOverTime) {
  SolveProgress progress;
  v1::StatusResponse first;
  AddVertex(first, "[1/2] RUN make");
  progress.Apply(first);

  const std::vector<SolveEvent> events = progress.Apply(Finished("[1/2] RUN make", false));

  ASSERT_THAT(events, SizeIs(1));
  const auto& vertex = std::get<SolveVertex>(events[0]);
  EXPECT_TRUE(vertex.started && vertex.completed);
  EXPECT_FALSE(vertex.cached);
  EXPECT_EQ(vertex.duration, absl::Milliseconds(2500));
}

TEST(SolveProgressTest, SaysNothingOfAStepThatIsSentAgainUnchanged) {
  SolveProgress progress;
  progress.Apply(Finished("[1/2] RUN make", false));

  EXPECT_THAT(progress.Apply(Finished("[1/2] RUN make", false)), IsEmpty());
}

TEST(SolveProgressTest, KeepsThatAStepWasCached) {
  SolveProgress progress;
  progress.Apply(Finished("[1/2] RUN make", true));
  progress.Apply(Finished("[1/2] RUN make", false));

  EXPECT_EQ(progress.cached_steps(), 1);
}

TEST(SolveProgressTest, PassesErrorsTransfersLogsAndWarningsOn) {
  v1::StatusResponse response;
  AddVertex(response, "[1/1] RUN make").set_error("exit code: 2");
  v1::VertexStatus& status = *response.add_statuses();
  status.set_id("transferring context:");
  status.set_current(42);
  v1::VertexLog& log = *response.add_logs();
  log.set_stream(2);
  log.set_msg("half a li");
  response.add_warnings()->set_short_("odd");

  const std::vector<SolveEvent> events = SolveProgress().Apply(response);

  ASSERT_THAT(events, SizeIs(4));
  EXPECT_EQ(std::get<SolveVertex>(events[0]).error, "exit code: 2");
  EXPECT_EQ(std::get<SolveStatus>(events[1]).current, 42);
  EXPECT_TRUE(std::get<SolveLog>(events[2]).is_stderr);
  EXPECT_EQ(std::get<SolveLog>(events[2]).data, "half a li");
  EXPECT_EQ(std::get<SolveWarning>(events[3]).message, "odd");
}

TEST(SolveProgressTest, CountsTheStepsOfTheDockerfile) {
  SolveProgress progress;
  progress.Apply(Finished("[internal] load build definition from Dockerfile", false));
  progress.Apply(Finished("[1/3] FROM docker.io/library/busybox", true));
  progress.Apply(Finished("[2/3] COPY . /src", true));
  progress.Apply(Finished("[web 3/3] RUN make a/b", false));
  progress.Apply(Finished("exporting to image", false));

  EXPECT_EQ(progress.steps(), 2);
  EXPECT_EQ(progress.cached_steps(), 1);
}

TEST(SolveProgressTest, DoesNotCountAStepThatNeverRan) {
  SolveProgress progress;
  v1::StatusResponse response;
  AddVertex(response, "[2/2] RUN make");
  progress.Apply(response);

  EXPECT_EQ(progress.steps(), 0);
}

}  // namespace
}  // namespace nopo
