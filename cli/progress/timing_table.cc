#include "cli/progress/timing_table.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nopo {
namespace {

constexpr int kOutcomeColumns = sizeof("up to date") - 1;

struct PhaseRow {
  absl::string_view side;
  const TimedSpan* phase;
};

std::string Times(const TimedSpan& span, absl::Time origin) {
  return absl::StrFormat("%10s %10s", TimingText(span.start - origin), TimingText(span.Took()));
}

void AddPhases(const Timeline& timeline, std::vector<std::string>& lines) {
  std::vector<PhaseRow> rows;
  for (const TimedSpan& phase : timeline.cli_phases()) rows.push_back({"nopo", &phase});
  for (const TimedSpan& phase : timeline.daemon_phases()) rows.push_back({"nopod", &phase});
  std::stable_sort(rows.begin(), rows.end(), [](const PhaseRow& a, const PhaseRow& b) {
    return a.phase->start < b.phase->start;
  });
  lines.push_back(absl::StrFormat("%10s %10s  %s", "START", "TOOK", "PHASE"));
  for (const PhaseRow& row : rows) {
    lines.push_back(
        absl::StrCat(Times(*row.phase, timeline.Start()), "  ", row.side, ": ", row.phase->name));
  }
}

void AddTasks(const Timeline& timeline, std::vector<std::string>& lines) {
  const std::vector<size_t> path = CriticalPath(timeline.tasks());
  const std::set<size_t> critical(path.begin(), path.end());
  std::vector<size_t> order;
  for (size_t i = 0; i < timeline.tasks().size(); ++i) {
    if (timeline.tasks()[i].outcome != "waiting") order.push_back(i);
  }
  if (order.empty()) return;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return timeline.tasks()[a].span.start < timeline.tasks()[b].span.start;
  });
  lines.push_back(absl::StrFormat("%10s %10s  %-*s    %s", "START", "TOOK", kOutcomeColumns,
                                  "OUTCOME", "TASK (* = critical path)"));
  for (const size_t i : order) {
    const TimedTask& task = timeline.tasks()[i];
    lines.push_back(absl::StrFormat("%s  %-*s  %s %s", Times(task.span, timeline.Start()),
                                    kOutcomeColumns, task.outcome,
                                    critical.count(i) > 0 ? "*" : " ", task.span.name));
  }
}

}  // namespace

std::string TimingText(absl::Duration duration) {
  if (duration < absl::Seconds(1)) {
    return absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(duration));
  }
  return absl::StrFormat("%.2f s", absl::ToDoubleSeconds(duration));
}

std::vector<std::string> TimingTable(const Timeline& timeline) {
  std::vector<std::string> lines;
  AddPhases(timeline, lines);
  AddTasks(timeline, lines);
  return lines;
}

}  // namespace nopo
