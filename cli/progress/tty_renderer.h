// A live view at the bottom of a terminal; what is over scrolls above it.
//
// Only moves the cursor and erases: no mode of the terminal is changed, so there is nothing to
// restore however the program ends. A frame is drawn at most ten times a second, and once a second
// while only time passes; each is one write that overwrites the last one in place, so nothing
// flickers. After a resize, which wraps lines anew, all that was printed and is in sight is painted
// once more. An operation that is over within a tenth of a second shows no frame at all.
#pragma once

#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "cli/progress/draw_frame.h"
#include "cli/progress/output_lines.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"
#include "cli/progress/renderer.h"
#include "common/mutex.h"

namespace nopo {

// Thread-safe. Owns the thread that draws.
class TtyRenderer final : public Renderer {
 public:
  TtyRenderer(RendererOptions options, Console console);
  ~TtyRenderer() override;

  void Show(const v1::Event& event) override ABSL_LOCKS_EXCLUDED(mutex_);
  void HandOver() override ABSL_LOCKS_EXCLUDED(mutex_);
  void Finish(const absl::Status& outcome) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Resized() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void DrawUntilStopped() ABSL_LOCKS_EXCLUDED(mutex_);
  void StopDrawing() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Time NextDrawLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Replaces the frame on the screen by `frame`, with what has been scrolled since above it.
  void DrawLocked(const std::string& frame) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The round's report scrolls; that changes are waited for stands below it until there is one.
  void EndRoundLocked(const v1::RoundEnded& round) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string FrameLocked(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RememberFrameLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of frames that are gone, on a terminal that has become `size`.
  int StaleRowsLocked(TerminalSize size) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Erases what this operation shows and prints what of it scrolls; then no frame is on the screen.
  std::string RepaintLocked(TerminalSize size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ScrollFinishedLocked(const TaskView& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ScrollOutputLocked(const std::vector<OutputLine>& lines)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RendererOptions options_;
  const Console console_;
  const Palette palette_;

  Mutex mutex_;
  CondVar changed_;
  ProgressModel model_ ABSL_GUARDED_BY(mutex_);
  OutputLines lines_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_ ABSL_GUARDED_BY(mutex_);    // The line between two rounds; "" in one.
  std::string scrolled_ ABSL_GUARDED_BY(mutex_);   // Lines to put above the next frame.
  std::string on_screen_ ABSL_GUARDED_BY(mutex_);  // The frame below which the cursor is.
  std::deque<std::string> printed_ ABSL_GUARDED_BY(mutex_);  // The last lines above it.
  std::deque<std::pair<absl::Time, std::string>> recent_frames_ ABSL_GUARDED_BY(mutex_);
  TerminalSize drawn_size_ ABSL_GUARDED_BY(mutex_);
  int buried_rows_ ABSL_GUARDED_BY(mutex_) = 0;  // Of frames, above what is in sight.
  absl::Time last_draw_ ABSL_GUARDED_BY(mutex_);
  bool dirty_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread drawer_;
};

}  // namespace nopo
