#include "cli/progress/draw_frame.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/progress/display_width.h"
#include "cli/progress/event_text.h"
#include "common/duration_text.h"

namespace nopo {
namespace {

constexpr int kTimeColumns = 7;  // "59m 59s"
constexpr int kGapColumns = 2;
constexpr int kFewestColumns = 16;
constexpr int kMostColumns = 120;  // So that times stay near to what they are of.

std::vector<const TaskView*> RunningTasks(const ProgressModel& progress) {
  std::vector<const TaskView*> running;
  for (const TaskView& task : progress.tasks()) {
    if (task.state == TaskState::kRunning) running.push_back(&task);
  }
  std::stable_sort(running.begin(), running.end(),
                   [](const TaskView* a, const TaskView* b) { return a->started < b->started; });
  return running;
}

// Wide enough for the longest name, unless that would leave too little for what tasks do.
int NameColumns(const ProgressModel& progress, int columns) {
  int widest = 0;
  for (const TaskView& task : progress.tasks()) {
    widest = std::max(widest, DisplayWidth(task.name));
  }
  return std::min(widest, std::max(8, columns * 2 / 5));
}

std::string Totals(const ProgressModel& progress, absl::string_view title, absl::Time now) {
  std::string text = absl::StrCat(title, ": ", progress.FinishedCount(), " of ",
                                  progress.tasks().size(), " tasks done");
  absl::StrAppend(&text, ", ", WholeSeconds(now - progress.started()));
  const int failed = progress.Count(TaskState::kFailed);
  if (failed > 0) absl::StrAppend(&text, ", ", failed, " failed");
  return text;
}

std::string TaskLine(const TaskView& task, int name_columns, int columns, absl::Time now,
                     const Palette& palette) {
  const std::string time = WholeSeconds(now - task.started);
  const std::string name = FitToWidth(task.name, std::min(name_columns, columns - 2));
  const int left = columns - 2 - name_columns - 2 * kGapColumns - kTimeColumns;
  if (left < kGapColumns) return absl::StrCat("  ", palette.Cyan(name));
  const std::string detail = FitToWidth(TerminalSafe(task.detail, false), left);
  const std::string padding(std::max<int>(0, kTimeColumns - static_cast<int>(time.size())), ' ');
  return absl::StrCat("  ", palette.Cyan(name), "  ", detail, "  ", padding, palette.Dim(time));
}

}  // namespace

std::string DrawFrame(const ProgressModel& progress, absl::string_view title, TerminalSize size,
                      absl::Time now, const Palette& palette) {
  const std::vector<const TaskView*> running = RunningTasks(progress);
  if (running.empty() || size.rows < 3 || size.columns < kFewestColumns) return "";
  // The last column stays empty: some terminals wrap as soon as it is written.
  const int columns = std::min(size.columns - 1, kMostColumns);
  const size_t room = static_cast<size_t>(size.rows) - 2;  // Without totals and cursor.
  const size_t shown = running.size() <= room ? running.size() : room - 1;

  std::string frame =
      absl::StrCat(palette.Bold(TruncateToWidth(Totals(progress, title, now), columns)), "\n");
  const int name_columns = NameColumns(progress, columns);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&frame, TaskLine(*running[i], name_columns, columns, now, palette), "\n");
  }
  if (shown < running.size()) {
    const std::string more = absl::StrCat("  … and ", running.size() - shown, " more");
    absl::StrAppend(&frame, palette.Dim(TruncateToWidth(more, columns)), "\n");
  }
  return frame;
}

}  // namespace nopo
