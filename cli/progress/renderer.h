// Shows an operation to its user while it runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "cli/progress/console.h"
#include "cli/progress/draw_frame.h"

namespace nopo {

namespace v1 {
class Event;
class RoundEnded;
}  // namespace v1

class Renderer {
 public:
  virtual ~Renderer() = default;

  virtual void Show(const v1::Event& event) = 0;
  // The terminal is a task's from now on: nothing is shown any more, and what was to be seen stays.
  // Takes the place of Finish.
  virtual void HandOver() = 0;
  // Ends the display: what failed and why, the summary, and what `outcome` says. Call once; nothing
  // is shown after it.
  virtual void Finish(const absl::Status& outcome) = 0;
  // The terminal has another size. Any thread.
  virtual void Resized() {}
};

enum class ProgressMode { kTty, kPlain, kJson, kQuiet };

struct RendererOptions {
  ProgressMode mode = ProgressMode::kPlain;
  std::string title;  // "up"
  bool colour = false;
  bool verbose = false;  // Show the log of builds also on a terminal.
  // What tasks print is what the user asked for (commands, logs) and goes to Console::out and
  // Console::error; otherwise it is the log of work in progress.
  bool output_is_result = false;
  // Both sinks end on one terminal, so a frame must make way for either.
  bool out_is_terminal = false;
  std::function<TerminalSize()> terminal_size;  // kTty. Any thread.
};

std::unique_ptr<Renderer> MakeRenderer(RendererOptions options, Console console);

}  // namespace nopo
