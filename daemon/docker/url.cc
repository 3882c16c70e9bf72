#include "daemon/docker/url.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

std::string Encode(absl::string_view text, absl::string_view kept) {
  constexpr absl::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || kept.find(c) != kept.npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

}  // namespace

std::string PercentEncode(absl::string_view text) { return Encode(text, "-._~"); }

std::string PercentEncodePath(absl::string_view text) { return Encode(text, "-._~/:@"); }

std::string QueryString(const QueryParameters& parameters) {
  std::string query;
  for (const auto& [key, value] : parameters) {
    absl::StrAppend(&query, query.empty() ? "?" : "&", key, "=", PercentEncode(value));
  }
  return query;
}

}  // namespace nopo
