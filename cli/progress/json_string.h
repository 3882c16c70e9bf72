// Text as a JSON string.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

// `text`, which is UTF-8, with quotes around it and what JSON does not allow escaped.
std::string JsonString(absl::string_view text);

}  // namespace nopo
