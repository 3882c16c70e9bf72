#include "cli/progress/json_string.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nopo {

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&json, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&json, absl::StrFormat("\\u%04x", c));
    } else {
      json += c;
    }
  }
  return json + "\"";
}

}  // namespace nopo
