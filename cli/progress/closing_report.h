// The last words on an operation: what was done, what failed and why, what to do next.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/progress/palette.h"
#include "cli/progress/progress_model.h"

namespace nopo {

namespace v1 {
class RoundEnded;
}  // namespace v1

struct ClosingReportOptions {
  // The user has seen all that the tasks printed. A lone task's last lines are then not repeated;
  // those of one among many are, because they may be far up.
  bool output_was_shown = false;
  bool with_summary = true;
};

// Lines for Console::error, each ended; empty when there is nothing to say.
std::string ClosingReport(const ProgressModel& progress, const absl::Status& outcome,
                          const ClosingReportOptions& options, const Palette& palette);

// The same on a round of an operation that goes on after it.
std::string RoundReport(const ProgressModel& progress, const v1::RoundEnded& round,
                        const ClosingReportOptions& options, const Palette& palette);

// "error: …" and a "hint: …" line for each hint; empty when `outcome` is OK.
std::string ErrorReport(const absl::Status& outcome, const Palette& palette);

}  // namespace nopo
