// Progress as lines in the order things happen, each with its task before it: for logs and pipes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "cli/progress/output_lines.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"
#include "cli/progress/renderer.h"

namespace nopo {

// Not thread-safe.
class PlainRenderer final : public Renderer {
 public:
  PlainRenderer(RendererOptions options, Console console);

  void Show(const v1::Event& event) override;
  void HandOver() override;
  void Finish(const absl::Status& outcome) override;

 private:
  // What was shown of a round's steps is shown again of the next one's.
  void EndRound(const v1::RoundEnded& round);
  void ShowStart(const std::string& task);
  void ShowStep(const v1::TaskProgress& progress, absl::Time time);
  // `text` unless it, under `key`, was shown before.
  void ShowOnce(const v1::TaskProgress& progress, absl::string_view key, const std::string& text);
  void ShowLines(const std::vector<OutputLine>& lines);
  void ShowTaskLine(const std::string& task, absl::string_view text);

  const RendererOptions options_;
  const Console console_;
  const Palette palette_;
  ProgressModel model_;
  OutputLines lines_;
  std::set<std::pair<std::string, std::string>> steps_shown_;              // By task and key.
  std::map<std::pair<std::string, std::string>, absl::Time> step_starts_;  // By task and step.
};

}  // namespace nopo
