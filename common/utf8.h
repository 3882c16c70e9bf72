// Text that every UTF-8 parser takes, of bytes that anybody wrote.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

inline constexpr char kReplacementCharacter[] = "\xEF\xBF\xBD";  // U+FFFD

// Length of the valid UTF-8 sequence that `text`, which is not empty, starts with; 0 when it starts
// with none.
size_t Utf8Length(absl::string_view text);

// `bytes` with each byte that is no UTF-8 replaced by U+FFFD.
std::string ValidUtf8(absl::string_view bytes);

}  // namespace nopo
