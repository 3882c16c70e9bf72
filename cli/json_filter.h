// --jq: filters for JSON, through the program nopo-jq.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Writes to this process's stdout what `filter` makes of `json`; of "" nothing, which checks the
// filter. Returns the exit code: what is wrong with the filter has then been written to stderr.
// Blocks, for ever with a filter that does; signals end the filter with this process.
//
// Errors: NOT_FOUND (CONFIGURATION) when nopo-jq is not installed.
absl::StatusOr<int> FilterJson(const std::string& filter, absl::string_view json);

}  // namespace nopo
