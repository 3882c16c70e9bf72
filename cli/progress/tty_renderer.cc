#include "cli/progress/tty_renderer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/progress/closing_report.h"
#include "cli/progress/display_width.h"
#include "cli/progress/event_text.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr absl::string_view kEraseLine = "\033[K";
constexpr absl::string_view kEraseBelow = "\033[J";

// Erases that many rows from the cursor's downwards and leaves the cursor where it is.
std::string EraseRows(int rows) {
  if (rows == 0) return "";
  std::string bytes;
  for (int row = 0; row < rows; ++row) absl::StrAppend(&bytes, kEraseLine, "\033[B");
  return absl::StrCat(bytes, "\033[", rows, "A");
}

}  // namespace

TtyRenderer::TtyRenderer(RendererOptions options, Console console)
    : options_(std::move(options)),
      console_(std::move(console)),
      palette_(options_.colour),
      last_draw_(absl::Now()),
      drawer_([this] { DrawUntilStopped(); }) {}

TtyRenderer::~TtyRenderer() { StopDrawing(); }

void TtyRenderer::Show(const v1::Event& event) {
  MutexLock lock(mutex_);
  model_.Apply(event, absl::Now());
  waiting_.clear();
  switch (event.fact_case()) {
    case v1::Event::kTaskOutput:
      if (options_.output_is_result || options_.verbose) {
        ScrollOutputLocked(lines_.Add(event.task_output()));
      }
      break;
    case v1::Event::kTaskFinished:
      ScrollOutputLocked(lines_.Flush(event.task_finished().task()));
      ScrollFinishedLocked(*model_.Find(event.task_finished().task()));
      break;
    case v1::Event::kRoundEnded:
      EndRoundLocked(event.round_ended());
      break;
    case v1::Event::kLogWritten:
      absl::StrAppend(&scrolled_, LogLine(event.log_written(), palette_), "\n");
      break;
    default:
      break;
  }
  dirty_ = true;
  changed_.NotifyAll();
}

void TtyRenderer::HandOver() {
  StopDrawing();
  MutexLock lock(mutex_);
  ScrollOutputLocked(lines_.FlushAll());
  DrawLocked("");
}

void TtyRenderer::Finish(const absl::Status& outcome) {
  HandOver();
  MutexLock lock(mutex_);
  console_.error(
      ClosingReport(model_, outcome, {.output_was_shown = options_.output_is_result}, palette_));
}

void TtyRenderer::Resized() {
  MutexLock lock(mutex_);
  dirty_ = true;
  changed_.NotifyAll();
}

void TtyRenderer::DrawUntilStopped() {
  MutexLock lock(mutex_);
  while (!stopped_) {
    const absl::Time next = NextDrawLocked();
    const absl::Time now = absl::Now();
    if (now < next) {
      changed_.WaitUntil(mutex_, next);
      continue;
    }
    DrawLocked(FrameLocked(now));
    last_draw_ = now;
    dirty_ = false;
  }
}

void TtyRenderer::StopDrawing() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  if (drawer_.joinable()) drawer_.join();
}

absl::Time TtyRenderer::NextDrawLocked() const {
  if (dirty_) return last_draw_ + kShortestPause;
  if (model_.Count(TaskState::kRunning) > 0) return last_draw_ + kLongestPause;
  return absl::InfiniteFuture();
}

void TtyRenderer::DrawLocked(const std::string& frame) {
  if (scrolled_.empty() && frame == on_screen_) return;
  std::string bytes;
  const int rows = RowsOnScreenLocked(options_.terminal_size().columns);
  if (rows > 0) absl::StrAppend(&bytes, "\033[", rows, "A\r");
  // Scrolled lines may wrap, so what they leave of the old frame is not known line by line. Erased
  // row by row: some terminals keep in their history what is erased from the top row downwards.
  if (!scrolled_.empty()) absl::StrAppend(&bytes, EraseRows(rows), scrolled_);
  for (const absl::string_view line : absl::StrSplit(frame, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&bytes, kEraseLine, line, "\n");
  }
  absl::StrAppend(&bytes, kEraseBelow);
  console_.error(bytes);
  scrolled_.clear();
  on_screen_ = frame;
}

// Terminals that wrap anew on a resize spread a frame drawn for more columns over more rows.
int TtyRenderer::RowsOnScreenLocked(int columns) const {
  int rows = 0;
  for (const absl::string_view line : absl::StrSplit(on_screen_, '\n', absl::SkipEmpty())) {
    rows += std::max(1, (DisplayWidth(line) + columns - 1) / std::max(1, columns));
  }
  return rows;
}

void TtyRenderer::EndRoundLocked(const v1::RoundEnded& round) {
  ScrollOutputLocked(lines_.FlushAll());
  absl::StrAppend(
      &scrolled_,
      RoundReport(model_, round, {.output_was_shown = options_.output_is_result}, palette_));
  waiting_ = WatchingText(round);
  model_ = ProgressModel();
}

std::string TtyRenderer::FrameLocked(absl::Time now) const {
  const TerminalSize size = options_.terminal_size();
  if (waiting_.empty()) return DrawFrame(model_, options_.title, size, now, palette_);
  return absl::StrCat(palette_.Dim(TruncateToWidth(waiting_, size.columns - 1)), "\n");
}

// What was up to date is only counted.
void TtyRenderer::ScrollFinishedLocked(const TaskView& task) {
  if (task.state == TaskState::kUpToDate && !options_.verbose) return;
  absl::StrAppend(&scrolled_, TerminalSafe(FinishedLine(task, palette_), palette_.enabled()), "\n");
}

void TtyRenderer::ScrollOutputLocked(const std::vector<OutputLine>& lines) {
  for (const OutputLine& line : lines) {
    const std::string prefix = palette_.Cyan(absl::StrCat("[", line.task, "]")) + " ";
    if (options_.output_is_result && !line.is_stderr && !options_.out_is_terminal) {
      console_.out(absl::StrCat("[", line.task, "] ", line.text, "\n"));
      continue;
    }
    absl::StrAppend(&scrolled_, prefix, TerminalSafe(line.text, palette_.enabled()), "\n");
  }
}

}  // namespace nopo
