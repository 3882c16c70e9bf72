#include "daemon/services/service_logs.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/log_follower.h"

namespace nopo {
namespace {

// Joins the pieces of both streams; a switch of stream in the middle of a line ends the line.
class LineCollector {
 public:
  void Take(ContainerStream stream, absl::string_view data) {
    const bool open_line = !text_.empty() && text_.back() != '\n';
    if (open_line && stream != stream_) text_.push_back('\n');
    stream_ = stream;
    absl::StrAppend(&text_, data);
  }

  std::vector<std::string> LastLines(size_t count) const {
    std::vector<std::string> lines;
    const absl::string_view text = absl::StripSuffix(text_, "\n");
    if (text.empty()) return lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      lines.emplace_back(absl::StripSuffix(line, "\r"));
    }
    if (lines.size() > count) lines.erase(lines.begin(), lines.end() - count);
    return lines;
  }

 private:
  std::string text_;
  ContainerStream stream_ = ContainerStream::kStdout;
};

// Position of `service` in the order asked for; SIZE_MAX when it is not.
size_t Position(const std::vector<std::string>& services, const std::string& service) {
  const auto found = std::find(services.begin(), services.end(), service);
  return found == services.end() ? SIZE_MAX : static_cast<size_t>(found - services.begin());
}

}  // namespace

std::vector<std::string> LastLogLines(DockerEngine& engine, absl::string_view container_id,
                                      int count, const Cancellation& cancellation) {
  LineCollector lines;
  const absl::Status read = engine.ReadLogs(
      container_id, LogOptions{.tail = count},
      [&](ContainerStream stream, absl::string_view data) { lines.Take(stream, data); },
      cancellation);
  if (!read.ok()) return {};
  return lines.LastLines(count);
}

std::string LogName(absl::string_view project, absl::string_view container_name) {
  return std::string(absl::StripPrefix(container_name, absl::StrCat(project, "-")));
}

std::vector<Container> LoggedContainers(const EngineSnapshot& snapshot, const LogSources& sources) {
  const std::vector<std::string>& services = sources.services;
  std::vector<Container> containers = snapshot.ContainersOf(sources.project);
  auto unwanted = [&](const Container& container) {
    const std::string service = LabelOf(container.labels, kLabelService);
    return IsOneOff(container) ||
           sources.other_directories.contains(LabelOf(container.labels, kLabelWorkingDir)) ||
           (!services.empty() && Position(services, service) == SIZE_MAX);
  };
  containers.erase(std::remove_if(containers.begin(), containers.end(), unwanted),
                   containers.end());
  auto order = [&](const Container& container) {
    const std::string service = LabelOf(container.labels, kLabelService);
    return std::make_tuple(Position(services, service), service, ContainerNumber(container));
  };
  std::stable_sort(containers.begin(), containers.end(),
                   [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return containers;
}

absl::Status FollowLogs(DockerEngine& engine, EngineMirror& mirror, const LogSources& sources,
                        const LogOptions& options, EventSink& events,
                        const Cancellation& cancellation) {
  if (options.follow) {
    LogFollower follower(engine, sources, options, events, cancellation);
    return follower.Run(mirror);
  }
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror.Snapshot(cancellation));
  for (const Container& container : LoggedContainers(*snapshot, sources)) {
    const absl::Status read =
        engine.ReadLogs(container.id, options,
                        LogOutput(LogName(sources.project, container.name), events), cancellation);
    if (cancellation.IsCancelled()) return absl::OkStatus();
    // Gone between the snapshot and now: there is nothing to show any more.
    if (absl::IsNotFound(read)) continue;
    NOPO_RETURN_IF_ERROR(WithPrefix(read, absl::StrCat(container.name, ": ")));
  }
  return absl::OkStatus();
}

}  // namespace nopo
