#include "cli/progress/plain_renderer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/progress/closing_report.h"
#include "cli/progress/display_width.h"
#include "cli/progress/event_text.h"
#include "cli/progress/timeline.h"
#include "common/duration_text.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

constexpr int kStepColumns = 200;  // A step of a Dockerfile may be a whole script.
constexpr int64_t kSmallTransfer = 100'000;
constexpr absl::Duration kNoticeable = absl::Milliseconds(100);

// "STEP/PART"
bool IsPartOfStep(const v1::TaskProgress& progress) {
  return progress.step().find('/') != std::string::npos;
}

// Every build sends its Dockerfile and the like.
bool IsSmallTransfer(const v1::TaskProgress& progress) {
  const int64_t bytes = std::max(progress.current(), progress.total());
  return bytes > 0 && bytes < kSmallTransfer;
}

}  // namespace

PlainRenderer::PlainRenderer(RendererOptions options, Console console)
    : options_(std::move(options)), console_(std::move(console)), palette_(options_.colour) {}

void PlainRenderer::Show(const v1::Event& event) {
  model_.Apply(event, absl::Now());
  switch (event.fact_case()) {
    case v1::Event::kTaskStarted:
      ShowStart(event.task_started().task());
      break;
    case v1::Event::kTaskOutput:
      ShowLines(lines_.Add(event.task_output()));
      break;
    case v1::Event::kTaskProgress:
      ShowStep(event.task_progress(), TimeOf(event));
      break;
    case v1::Event::kTaskFinished: {
      const std::string& name = event.task_finished().task();
      ShowLines(lines_.Flush(name));
      ShowTaskLine(name, FinishedText(*model_.Find(name)));
      break;
    }
    case v1::Event::kRoundEnded:
      EndRound(event.round_ended());
      break;
    case v1::Event::kLogWritten:
      console_.error(absl::StrCat(LogLine(event.log_written(), palette_), "\n"));
      break;
    default:
      break;
  }
}

void PlainRenderer::HandOver() { ShowLines(lines_.FlushAll()); }

void PlainRenderer::Finish(const absl::Status& outcome) {
  ShowLines(lines_.FlushAll());
  console_.error(
      ClosingReport(model_, outcome, {.output_was_shown = options_.output_is_result}, palette_));
}

void PlainRenderer::EndRound(const v1::RoundEnded& round) {
  ShowLines(lines_.FlushAll());
  console_.error(
      RoundReport(model_, round, {.output_was_shown = options_.output_is_result}, palette_));
  if (!round.last()) console_.error(WatchingText(round) + "\n");
  model_ = ProgressModel();
  steps_shown_.clear();
  step_starts_.clear();
}

// A command's own output shows that it has started.
void PlainRenderer::ShowStart(const std::string& task) {
  if (!options_.output_is_result) ShowTaskLine(task, "started");
}

// Each step once, and again if it turns out to be cached or took its time. How far a transfer is
// would fill a log with numbers: only a large one counts, once it is over.
void PlainRenderer::ShowStep(const v1::TaskProgress& progress, absl::Time time) {
  if (progress.message().empty()) return;
  if (IsPartOfStep(progress) && (!progress.done() || IsSmallTransfer(progress))) return;
  const std::string& step = progress.step().empty() ? progress.message() : progress.step();
  const absl::Time start =
      step_starts_.emplace(std::pair(progress.task(), step), time).first->second;
  const std::string text = StepText(progress);
  ShowOnce(progress, absl::StrCat(step, progress.cached() ? " cached" : ""), text);
  if (!progress.done() || progress.cached() || time - start < kNoticeable) return;
  ShowOnce(progress, absl::StrCat(step, " done"),
           absl::StrCat("DONE ", ShortDuration(time - start), " ", text));
}

void PlainRenderer::ShowOnce(const v1::TaskProgress& progress, absl::string_view key,
                             const std::string& text) {
  if (!steps_shown_.emplace(progress.task(), key).second) return;
  ShowTaskLine(progress.task(), TruncateToWidth(text, kStepColumns));
}

void PlainRenderer::ShowLines(const std::vector<OutputLine>& lines) {
  for (const OutputLine& line : lines) {
    const bool to_out = options_.output_is_result && !line.is_stderr;
    const Palette palette(palette_.enabled() && (!to_out || options_.out_is_terminal));
    const std::string prefix = palette.Prefix(line.task) + " ";
    (to_out ? console_.out : console_.error)(absl::StrCat(prefix, line.text, "\n"));
  }
}

void PlainRenderer::ShowTaskLine(const std::string& task, absl::string_view text) {
  console_.error(absl::StrCat(palette_.Prefix(task), " ", text, "\n"));
}

}  // namespace nopo
