// How a finished plan is told to the user: counts, failures, JSON.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/graph/plan_runner.h"

namespace nopo {

// "3 built, 2 up to date in 4.2s"; `done` is the verb of succeeded tasks. "nothing changed (5 up to
// date, 12ms)" when every task was.
std::string SummaryLine(const RunSummary& summary, absl::string_view done, absl::Duration elapsed);

// [{"name", "outcome", "reason", "duration_s", "error"?, "exit_code"?}, ...] as JSON text.
std::string TasksJson(const RunSummary& summary);

}  // namespace nopo
