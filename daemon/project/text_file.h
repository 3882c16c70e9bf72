// Reads a file that a user wrote, without trusting it.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

constexpr size_t kLargestTextFile = 1 << 20;  // Bytes.

enum class ByteOrderMark { kRemove, kKeep };

// The content of `path`, at most kLargestTextFile bytes of valid UTF-8 without NUL. Never blocks on
// a FIFO or device: only regular files (or links to them) are read.
//
// Errors say what is wrong, but not which file:
//   NOT_FOUND          there is no such file
//   PERMISSION_DENIED  it may not be read
//   INVALID_ARGUMENT   anything else
absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path,
                                         ByteOrderMark mark = ByteOrderMark::kRemove);

// Whether `text` could be (part of) such a file.
bool IsText(absl::string_view text);

}  // namespace nopo
