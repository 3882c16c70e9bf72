#include "daemon/buildkit/solve_progress.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "buildkit/control.pb.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1;

constexpr int kStderr = 2;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

auto Fields(const SolveVertex& vertex) {
  return std::tie(vertex.name, vertex.cached, vertex.started, vertex.completed, vertex.error,
                  vertex.duration);
}

// "[2/4] COPY . /app", "[web 2/4] RUN make", but not "[internal] ...", "[context a/b] OCI load" nor
// "exporting to image".
bool IsStep(const SolveVertex& vertex) {
  const absl::string_view name = vertex.name;
  const size_t end = name.find("] ");
  if (!absl::StartsWith(name, "[") || end == absl::string_view::npos) return false;
  if (absl::StartsWith(name, "[context ")) return false;
  if (!absl::StrContains(name.substr(0, end), "/")) return false;
  return !absl::StartsWith(name.substr(end + 2), "FROM ") && vertex.completed;
}

SolveStatus StatusFrom(const v1::VertexStatus& status) {
  return {.vertex = status.vertex(),
          .id = status.id(),
          .name = status.name(),
          .current = status.current(),
          .total = status.total(),
          .completed = status.has_completed()};
}

}  // namespace

std::vector<SolveEvent> SolveProgress::Apply(const v1::StatusResponse& response) {
  std::vector<SolveEvent> events;
  for (const v1::Vertex& vertex : response.vertexes()) {
    if (Merge(vertex)) events.emplace_back(vertices_[vertex.digest()]);
  }
  for (const v1::VertexStatus& status : response.statuses())
    events.emplace_back(StatusFrom(status));
  for (const v1::VertexLog& log : response.logs()) {
    events.emplace_back(SolveLog{log.vertex(), log.stream() == kStderr, log.msg()});
  }
  for (const v1::VertexWarning& warning : response.warnings()) {
    events.emplace_back(SolveWarning{warning.vertex(), warning.short_()});
  }
  return events;
}

bool SolveProgress::Merge(const v1::Vertex& vertex) {
  SolveVertex& known = vertices_[vertex.digest()];
  const SolveVertex before = known;
  known.digest = vertex.digest();
  known.name = vertex.name();
  known.cached = known.cached || vertex.cached();
  known.started = known.started || vertex.has_started();
  known.completed = vertex.has_completed();
  known.error = vertex.error();
  if (vertex.has_started() && vertex.has_completed()) {
    known.duration = TimeOf(vertex.completed()) - TimeOf(vertex.started());
  }
  return before.digest.empty() || Fields(before) != Fields(known);
}

int SolveProgress::steps() const {
  return static_cast<int>(std::count_if(vertices_.begin(), vertices_.end(),
                                        [](const auto& entry) { return IsStep(entry.second); }));
}

int SolveProgress::cached_steps() const {
  return static_cast<int>(std::count_if(vertices_.begin(), vertices_.end(), [](const auto& entry) {
    return IsStep(entry.second) && entry.second.cached;
  }));
}

}  // namespace nopo
