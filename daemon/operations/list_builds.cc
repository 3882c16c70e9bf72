#include "daemon/operations/list_builds.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/duration_text.h"
#include "common/size_text.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

std::string AgeText(absl::Duration age) {
  return absl::StrCat(WholeSeconds(std::max(age, absl::ZeroDuration())), " ago");
}

std::string SizeOrDash(int64_t bytes) { return bytes == 0 ? "-" : SizeText(bytes); }

Row RowOf(const BuildHistoryEntry& build, absl::Time now) {
  const bool failed = !build.error.empty();
  return {build.target,
          AgeText(now - build.started),
          ShortDuration(build.duration),
          build.outcome,
          build.steps == 0 ? "-" : absl::StrCat(build.cached_steps, "/", build.steps),
          SizeOrDash(build.bytes_sent),
          SizeOrDash(build.image_bytes),
          failed ? absl::StrCat(build.reason, "; ", build.error) : build.reason};
}

std::string RenderTable(const std::vector<Row>& rows) {
  std::array<size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      absl::StrAppend(&line, row[i], std::string(widths[i] - row[i].size() + 2, ' '));
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

boost::json::object JsonOf(const BuildHistoryEntry& build) {
  return {{"name", build.target},
          {"tag", build.tag},
          {"started", absl::FormatTime(absl::RFC3339_sec, build.started, absl::UTCTimeZone())},
          {"duration_s", absl::ToDoubleSeconds(build.duration)},
          {"outcome", build.outcome},
          {"reason", build.reason},
          {"error", build.error},
          {"steps", build.steps},
          {"cached_steps", build.cached_steps},
          {"bytes_sent", build.bytes_sent},
          {"image_bytes", build.image_bytes},
          {"image_id", build.image_id}};
}

// The targets whose builds `selection` means.
absl::StatusOr<std::set<std::string>> NamesOf(const Project& project,
                                              const TargetSelection& selection) {
  std::set<std::string> names;
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectTargets(project, selection));
  for (const Target* target : targets) names.insert(target->id);
  return names;
}

}  // namespace

std::string RenderBuilds(const std::vector<BuildHistoryEntry>& builds, absl::Time now,
                         OutputFormat format) {
  if (format == OutputFormat::kJson) {
    boost::json::array array;
    for (const BuildHistoryEntry& build : builds) array.push_back(JsonOf(build));
    return absl::StrCat(boost::json::serialize(array), "\n");
  }
  if (builds.empty()) return "no builds on record\n";
  std::vector<Row> rows = {
      {"TARGET", "STARTED", "TOOK", "OUTCOME", "CACHED", "SENT", "SIZE", "REASON"}};
  for (const BuildHistoryEntry& build : builds) rows.push_back(RowOf(build, now));
  return RenderTable(rows);
}

absl::StatusOr<std::string> ListBuilds(const Workspace& workspace, const ListBuildsOptions& options,
                                       EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  const Project& project = *opened.project;
  NOPO_ASSIGN_OR_RETURN(const EngineSession* session, workspace.engines.For(options.caller));
  // Without a selection also of targets that are no more.
  std::set<std::string> names;
  if (!options.selection.names.empty() || options.selection.IsFiltered()) {
    NOPO_ASSIGN_OR_RETURN(names, NamesOf(project, options.selection));
    if (names.empty()) return RenderBuilds({}, absl::Now(), options.format);
  }
  NOPO_ASSIGN_OR_RETURN(
      const std::vector<BuildHistoryEntry> builds,
      workspace.history.List(LedgerScope(project, *session), names, options.limit));
  return RenderBuilds(builds, absl::Now(), options.format);
}

}  // namespace nopo
