// Only what the user asked for and what went wrong.
#pragma once

#include "cli/progress/output_lines.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"
#include "cli/progress/renderer.h"

namespace nopo {

// Not thread-safe.
class QuietRenderer final : public Renderer {
 public:
  QuietRenderer(RendererOptions options, Console console);

  void Show(const v1::Event& event) override;
  void HandOver() override;
  void Finish(const absl::Status& outcome) override;

 private:
  void ShowLines(const std::vector<OutputLine>& lines);

  const RendererOptions options_;
  const Console console_;
  const Palette palette_;
  ProgressModel model_;
  OutputLines lines_;
};

}  // namespace nopo
