// Progress for programs: an event a line on Console::error, in protobuf's JSON mapping with the
// field names of event.proto; then one line {"outcome": {...}}. What tasks print to stdout as a
// result also goes to Console::out, as in every mode.
#pragma once

#include "cli/progress/output_lines.h"
#include "cli/progress/renderer.h"

namespace nopo {

// `event` as such a line, ended.
std::string EventJsonLine(const v1::Event& event);

// Not thread-safe.
class JsonRenderer final : public Renderer {
 public:
  JsonRenderer(RendererOptions options, Console console);

  void Show(const v1::Event& event) override;
  void HandOver() override { ShowLines(lines_.FlushAll()); }
  void Finish(const absl::Status& outcome) override;

 private:
  void ShowLines(const std::vector<OutputLine>& lines);

  const RendererOptions options_;
  const Console console_;
  OutputLines lines_;
};

}  // namespace nopo
