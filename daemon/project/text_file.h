// Reads a file that a user wrote, without trusting it.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace nopo {

constexpr size_t kLargestTextFile = 1 << 20;  // Bytes.

// The content of `path`, at most kLargestTextFile bytes of valid UTF-8 without NUL, a byte order
// mark removed. Never blocks on a FIFO or device: only regular files (or links to them) are read.
//
// Errors say what is wrong, but not which file:
//   NOT_FOUND          there is no such file
//   PERMISSION_DENIED  it may not be read
//   INVALID_ARGUMENT   anything else
absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path);

}  // namespace nopo
