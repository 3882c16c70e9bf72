// The live view of an operation as text.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"

namespace nopo {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

// One line of totals, then a line for each running task, the longest running first; what does not
// fit the height is counted in a last line. Every line ends with "\n", is narrower than the
// terminal and at most 120 columns wide, and one row stays free for the cursor. Empty when no task
// runs, and on a terminal too small for a view.
//
// `title` names the operation: "up".
std::string DrawFrame(const ProgressModel& progress, absl::string_view title, TerminalSize size,
                      absl::Time now, const Palette& palette);

}  // namespace nopo
