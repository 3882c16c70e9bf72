// The daemon's own log (not what users see of an operation: that is events).
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Sends log lines to `file`, rotated at 5 MiB with three older files kept, at `level` (trace
// debug info warn error, in any case). Another level is "info" and a warning in the log; so is an
// empty one, without. Call once, before the first line.
absl::Status StartLogFile(const std::filesystem::path& file, absl::string_view level);

void LogDebug(absl::string_view line);
void LogInfo(absl::string_view line);
void LogWarning(absl::string_view line);
void LogError(absl::string_view line);

}  // namespace nopo
