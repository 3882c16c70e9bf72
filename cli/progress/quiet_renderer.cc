#include "cli/progress/quiet_renderer.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/progress/closing_report.h"
#include "cli/progress/event_text.h"
#include "nopo/v1/event.pb.h"

namespace nopo {

QuietRenderer::QuietRenderer(RendererOptions options, Console console)
    : options_(std::move(options)), console_(std::move(console)), palette_(options_.colour) {}

void QuietRenderer::Show(const v1::Event& event) {
  model_.Apply(event, absl::Now());
  if (event.has_task_output() && options_.output_is_result) {
    ShowLines(lines_.Add(event.task_output()));
  }
  if (event.has_task_finished()) ShowLines(lines_.Flush(event.task_finished().task()));
  if (event.has_round_ended()) {
    console_.error(RoundReport(
        model_, event.round_ended(),
        {.output_was_shown = options_.output_is_result, .with_summary = false}, palette_));
    model_ = ProgressModel();
  }
  if (event.has_log_written() && event.log_written().level() != v1::LogWritten::LEVEL_INFO) {
    console_.error(absl::StrCat(LogLine(event.log_written(), palette_), "\n"));
  }
}

void QuietRenderer::HandOver() { ShowLines(lines_.FlushAll()); }

void QuietRenderer::Finish(const absl::Status& outcome) {
  ShowLines(lines_.FlushAll());
  console_.error(ClosingReport(
      model_, outcome, {.output_was_shown = options_.output_is_result, .with_summary = false},
      palette_));
}

void QuietRenderer::ShowLines(const std::vector<OutputLine>& lines) {
  for (const OutputLine& line : lines) {
    const TextSink& sink = line.is_stderr ? console_.error : console_.out;
    sink(absl::StrCat("[", line.task, "] ", line.text, "\n"));
  }
}

}  // namespace nopo
