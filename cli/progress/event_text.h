// How single facts read in words, the same in every renderer.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"

namespace nopo {

namespace v1 {
class LogWritten;
}  // namespace v1

// "0.8s", "12.3s", "2m 05s": for what is over.
std::string TookText(absl::Duration duration);
// "12s", "2m 05s": for what still runs.
std::string WholeSeconds(absl::Duration duration);

// "built shop-web:local in 3.2s", "failed after 0.4s: exit code 1": what became of `task`.
std::string FinishedText(const TaskView& task);

// "✓ web:build  built shop-web:local in 3.2s", for a person at a terminal.
std::string FinishedLine(const TaskView& task, const Palette& palette);

// "warning: …", "[debug:build] …"
std::string LogLine(const v1::LogWritten& log, const Palette& palette);

}  // namespace nopo
