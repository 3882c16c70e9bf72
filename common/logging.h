// The daemon's own log (not what users see of an operation: that is events).
#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace nopo {

// Sends log lines to `file`, rotated at 5 MiB with three older files kept, at `level` (trace debug
// info warn error). Call once, before the first line.
absl::Status StartLogFile(const std::filesystem::path& file, std::string_view level);

void LogDebug(std::string_view line);
void LogInfo(std::string_view line);
void LogWarning(std::string_view line);
void LogError(std::string_view line);

}  // namespace nopo
