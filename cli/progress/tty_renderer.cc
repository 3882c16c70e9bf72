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
// How long a terminal may show another size before it tells us; tmux waits a quarter of a second.
constexpr absl::Duration kResizeDelay = absl::Milliseconds(400);
constexpr size_t kKeptLines = 200;  // More than terminals have rows.
constexpr absl::string_view kEraseLine = "\033[K";
constexpr absl::string_view kEraseBelow = "\033[J";

// Erases that many rows from the cursor's downwards and leaves the cursor where it is.
std::string EraseRows(int rows) {
  if (rows == 0) return "";
  std::string bytes;
  for (int row = 0; row < rows; ++row) absl::StrAppend(&bytes, kEraseLine, "\033[B");
  return absl::StrCat(bytes, "\033[", rows, "A");
}

// Rows that `lines` take on a terminal of that many columns.
int RowsOf(absl::string_view lines, int columns) {
  int rows = 0;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    rows += std::max(1, (DisplayWidth(line) + columns - 1) / std::max(1, columns));
  }
  return rows;
}

}  // namespace

TtyRenderer::TtyRenderer(RendererOptions options, Console console)
    : options_(std::move(options)),
      console_(std::move(console)),
      palette_(options_.colour),
      drawn_size_(options_.terminal_size()),
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
  const TerminalSize size = options_.terminal_size();
  if (scrolled_.empty() && frame == on_screen_ && size == drawn_size_) return;
  std::string bytes = size == drawn_size_ ? "" : RepaintLocked(size);
  // Terminals that wrap anew on a resize spread a frame drawn for more columns over more rows.
  const int rows = RowsOf(on_screen_, size.columns);
  if (rows > 0) absl::StrAppend(&bytes, "\033[", rows, "A\r");
  // Scrolled lines may wrap, so what they leave of the old frame is not known line by line. Erased
  // row by row: some terminals keep in their history what is erased from the top row downwards.
  if (!scrolled_.empty()) absl::StrAppend(&bytes, EraseRows(rows), scrolled_);
  for (const absl::string_view line : absl::StrSplit(frame, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&bytes, kEraseLine, line, "\n");
  }
  absl::StrAppend(&bytes, kEraseBelow);
  console_.error(bytes);
  for (const absl::string_view line : absl::StrSplit(scrolled_, '\n', absl::SkipEmpty())) {
    printed_.push_back(absl::StrCat(line, "\n"));
    if (printed_.size() > kKeptLines) printed_.pop_front();
  }
  scrolled_.clear();
  on_screen_ = frame;
  drawn_size_ = size;
  RememberFrameLocked();
}

void TtyRenderer::RememberFrameLocked() {
  const absl::Time now = absl::Now();
  recent_frames_.emplace_back(now, on_screen_);
  while (recent_frames_.front().first < now - kResizeDelay) recent_frames_.pop_front();
}

// Frames drawn since the terminal changed and before it said so went to the wrong rows: each left
// those by which the one before it had grown. What a smaller terminal pushed out of sight comes
// back with a larger one.
int TtyRenderer::StaleRowsLocked(TerminalSize size) const {
  int stale = buried_rows_;
  for (const auto& [time, frame] : recent_frames_) {
    if (time < absl::Now() - kResizeDelay) continue;
    stale += RowsOf(frame, size.columns) - RowsOf(frame, drawn_size_.columns);
  }
  return std::max(0, stale);
}

std::string TtyRenderer::RepaintLocked(TerminalSize size) {
  const int reachable = size.rows - 1;
  const int lost = RowsOf(on_screen_, size.columns) + StaleRowsLocked(size);
  buried_rows_ = std::max(0, lost - reachable);
  int rows = std::min(lost, reachable);
  std::string visible;
  for (auto line = printed_.rbegin(); line != printed_.rend(); ++line) {
    const int more = RowsOf(*line, size.columns);
    if (rows + more > reachable) break;
    rows += more;
    visible.insert(0, *line);
  }
  recent_frames_.clear();
  on_screen_.clear();
  if (rows == 0) return "";
  return absl::StrCat("\033[", rows, "A\r", EraseRows(rows), visible);
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
    const std::string prefix = palette_.Prefix(line.task) + " ";
    if (options_.output_is_result && !line.is_stderr && !options_.out_is_terminal) {
      console_.out(absl::StrCat("[", line.task, "] ", line.text, "\n"));
      continue;
    }
    absl::StrAppend(&scrolled_, prefix, TerminalSafe(line.text, palette_.enabled()), "\n");
  }
}

}  // namespace nopo
