// The file that --trace names.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Makes sure, as far as that can be known before, that WriteTraceFile will succeed. Changes
// nothing.
//
// Errors: PERMISSION_DENIED (PERMISSION) when the folder may not be written to; INVALID_ARGUMENT
// (BAD_ARGUMENTS) when there is no such folder, or `file` is something else than a file.
absl::Status CheckTraceFile(const std::filesystem::path& file);

// Replaces `file` as a whole: nobody ever sees a part of it.
//
// Errors: as above.
absl::Status WriteTraceFile(const std::filesystem::path& file, absl::string_view text);

}  // namespace nopo
