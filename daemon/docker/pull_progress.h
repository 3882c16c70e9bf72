// Reads what the engine says while it pulls. Pure.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nopo {

// One line of the answer to POST /images/create. Hands a line for people to `progress` (nothing for
// the many lines that only move a bar on).
//
// Errors: INTERNAL with the message when the line says that the pull failed.
absl::Status ReadPullLine(absl::string_view json,
                          const std::function<void(absl::string_view)>& progress);

}  // namespace nopo
