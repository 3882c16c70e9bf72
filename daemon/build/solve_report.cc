#include "daemon/build/solve_report.h"

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/build/step_excerpt.h"

namespace nopo {
namespace {

constexpr size_t kLinesKept = 20;
constexpr size_t kDigestKept = sizeof("sha256:0123456789ab") - 1;

// Layers are "sha256:..." and their `name` is what is done with them; a transfer's id begins with
// its name: "transferring context:". Other parts have only an id.
std::string PartName(const SolveStatus& status) {
  absl::string_view id = absl::StripSuffix(status.id, ":");
  if (absl::StartsWith(id, "sha256:")) id = id.substr(0, kDigestKept);
  if (status.name.empty() || absl::StartsWith(id, status.name)) return std::string(id);
  return absl::StrCat(status.name, " ", id);
}

}  // namespace

SolveReport::SolveReport(std::string task, std::string dockerfile, EventSink& events)
    : task_(std::move(task)), dockerfile_(std::move(dockerfile)), events_(events) {}

void SolveReport::Apply(const SolveEvent& event) {
  std::visit([this](const auto& specific) { Report(specific); }, event);
}

void SolveReport::Report(const SolveVertex& vertex) {
  // Steps beside the one that failed end with "context canceled".
  if (!vertex.error.empty() && !absl::StrContains(vertex.error, "context canceled")) {
    failed_ = vertex.digest;
    failed_name_ = vertex.name;
  }
  if (!vertex.started && !vertex.cached && !vertex.completed) return;  // Nothing happens there yet.
  events_.Report(TaskProgress{.task = task_,
                              .step = vertex.digest,
                              .message = vertex.name,
                              .cached = vertex.cached,
                              .done = vertex.completed});
}

void SolveReport::Report(const SolveStatus& status) {
  events_.Report(TaskProgress{.task = task_,
                              .step = absl::StrCat(status.vertex, "/", status.id),
                              .message = PartName(status),
                              .current = status.current,
                              .total = status.total,
                              .done = status.completed});
}

void SolveReport::Report(const SolveLog& log) {
  std::deque<std::string>& lines = lines_[log.vertex];
  if (lines.empty()) lines.emplace_back();
  bool first = true;
  for (const absl::string_view piece : absl::StrSplit(log.data, '\n')) {
    if (!std::exchange(first, false)) lines.emplace_back();
    lines.back().append(piece.data(), piece.size());
    while (lines.size() > kLinesKept + 1) lines.pop_front();
  }
  events_.Report(TaskOutput{
      .task = task_,
      .stream = log.is_stderr ? TaskOutput::Stream::kStderr : TaskOutput::Stream::kStdout,
      .data = log.data});
}

void SolveReport::Report(const SolveWarning& warning) {
  events_.Warning(absl::StrCat(task_, ": ", warning.message));
}

std::vector<std::string> SolveReport::LastLines() const {
  std::vector<std::string> lines = StepExcerpt(dockerfile_, failed_name_);
  std::vector<std::string> log = LogOf(failed_);
  if (!lines.empty() && !log.empty()) lines.emplace_back();
  lines.insert(lines.end(), std::make_move_iterator(log.begin()),
               std::make_move_iterator(log.end()));
  return lines;
}

std::vector<std::string> SolveReport::LogOf(const std::string& vertex) const {
  const auto found = lines_.find(vertex);
  if (found == lines_.end()) return {};
  std::vector<std::string> lines;
  for (const std::string& line : found->second) {
    lines.emplace_back(absl::StripSuffix(line, "\r"));
  }
  if (lines.back().empty()) lines.pop_back();  // Behind the last end of line.
  if (lines.size() > kLinesKept) lines.erase(lines.begin());
  return lines;
}

}  // namespace nopo
