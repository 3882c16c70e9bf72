// How single facts read in words, the same in every renderer.
#pragma once

#include <string>

#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"

namespace nopo {

namespace v1 {
class LogWritten;
class RoundEnded;
}  // namespace v1

// "created in 3.2s: no container yet", "failed after 0.4s": what became of `task`. Why it failed is
// ErrorLines' to say.
std::string FinishedText(const TaskView& task);

// "✓ web:build  built shop-web:local in 3.2s", for a person at a terminal.
std::string FinishedLine(const TaskView& task, const Palette& palette);

// "error: web:build: exit code 1" and, with `with_lines`, the end of its log. Each line ended.
std::string ErrorLines(const TaskView& task, bool with_lines, const Palette& palette);

// "watching 3 targets for changes (Ctrl-C to end)"; "" after the last round.
std::string WatchingText(const v1::RoundEnded& round);

// "warning: …", "[debug:build] …"
std::string LogLine(const v1::LogWritten& log, const Palette& palette);

}  // namespace nopo
