#include "cli/progress/event_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/progress/display_width.h"
#include "common/duration_text.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

// A reason is "what was done: why" or "what was done; more of it"; how long it took belongs to the
// first.
std::string SucceededText(absl::string_view reason, absl::string_view took) {
  if (reason.empty()) return absl::StrCat("done in ", took);
  const size_t end = std::min({reason.find(": "), reason.find("; "), reason.size()});
  return absl::StrCat(reason.substr(0, end), " in ", took, reason.substr(end));
}

// "text: detail", or just `text` when there is none.
std::string WithDetail(absl::string_view text, absl::string_view detail) {
  return detail.empty() ? std::string(text) : absl::StrCat(text, ": ", detail);
}

std::string Mark(const TaskView& task, const Palette& palette) {
  switch (task.state) {
    case TaskState::kSucceeded:
    case TaskState::kUpToDate:
      return palette.Green("✓");
    case TaskState::kFailed:
      return palette.Red("✗");
    default:
      return palette.Yellow("-");
  }
}

}  // namespace

std::string FinishedText(const TaskView& task) {
  const std::string took = ShortDuration(task.duration);
  switch (task.state) {
    case TaskState::kSucceeded:
      return SucceededText(task.reason, took);
    case TaskState::kUpToDate:
      return WithDetail("up to date", task.reason);
    case TaskState::kFailed:
      return absl::StrCat("failed after ", took);
    case TaskState::kSkipped:
      return WithDetail("skipped", task.reason);
    case TaskState::kCancelled:
      return WithDetail("cancelled", task.reason);
    case TaskState::kWaiting:
      return "waiting";
    case TaskState::kRunning:
      return "running";
  }
  return "";
}

std::string FinishedLine(const TaskView& task, const Palette& palette) {
  return absl::StrCat(Mark(task, palette), " ", task.name, "  ", FinishedText(task));
}

std::string ErrorLines(const TaskView& task, bool with_lines, const Palette& palette) {
  std::string text = absl::StrCat(palette.Red("error:"), " ", task.name, ": ",
                                  task.error.empty() ? "failed" : task.error, "\n");
  if (!with_lines) return text;
  for (const std::string& line : task.last_lines) {
    absl::StrAppend(&text, "    ", palette.Dim("|"), " ", TerminalSafe(line, palette.enabled()),
                    "\n");
  }
  return text;
}

std::string WatchingText(const v1::RoundEnded& round) {
  if (round.last()) return "";
  return absl::StrCat("watching ", round.targets(), round.targets() == 1 ? " target" : " targets",
                      " for changes (Ctrl-C to end)");
}

std::string LogLine(const v1::LogWritten& log, const Palette& palette) {
  switch (log.level()) {
    case v1::LogWritten::LEVEL_DEBUG:
      return absl::StrCat(palette.Dim(absl::StrCat("[debug:", log.area(), "]")), " ",
                          log.message());
    case v1::LogWritten::LEVEL_WARNING:
      return absl::StrCat(palette.Yellow("warning:"), " ", log.message());
    case v1::LogWritten::LEVEL_ERROR:
      return absl::StrCat(palette.Red("error:"), " ", log.message());
    default:
      return log.message();
  }
}

}  // namespace nopo
