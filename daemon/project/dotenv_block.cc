// WithBlock and DotenvLine: what nopo writes into `.env` files.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/project/dotenv.h"

namespace nopo {
namespace {

bool NeedsNoQuotes(absl::string_view value) {
  constexpr absl::string_view kPlain = "_./:@%+,=-";
  return std::all_of(value.begin(), value.end(), [&](unsigned char c) {
    return absl::ascii_isalnum(c) || kPlain.find(static_cast<char>(c)) != kPlain.npos;
  });
}

// The lines of `text` that hold more than blanks.
std::string WithoutBlankLines(absl::string_view text) {
  std::string kept;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    absl::StrAppend(&kept, line, "\n");
  }
  return kept;
}

// What stands between the block's markers and is not nopo's, as it is written there.
std::string ForeignText(absl::string_view text, const Dotenv& dotenv,
                        const std::function<bool(const DotenvEntry&)>& is_own) {
  std::string foreign;
  size_t at = dotenv.markers->content_begin;
  for (const DotenvEntry& entry : dotenv.entries) {
    if (!entry.in_block) continue;
    absl::StrAppend(&foreign, WithoutBlankLines(text.substr(at, entry.begin - at)));
    if (!is_own(entry)) {
      absl::StrAppend(&foreign, text.substr(entry.begin, entry.end - entry.begin));
    }
    at = entry.end;
  }
  absl::StrAppend(&foreign, WithoutBlankLines(text.substr(at, dotenv.markers->content_end - at)));
  return foreign;
}

bool HoldsJust(const Dotenv& dotenv, const EnvironmentMap& values) {
  const auto in_block = std::count_if(dotenv.entries.begin(), dotenv.entries.end(),
                                      [](const DotenvEntry& entry) { return entry.in_block; });
  return static_cast<size_t>(in_block) == values.size() && dotenv.block == values;
}

// How the file ends its lines; the block follows it.
absl::string_view LineEnd(absl::string_view text) {
  const size_t end = text.find('\n');
  return end != absl::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

}  // namespace

std::optional<std::string> WithBlock(absl::string_view text, const Dotenv& dotenv,
                                     const EnvironmentMap& values,
                                     const std::function<bool(const DotenvEntry&)>& is_own) {
  const DotenvBlock markers =
      dotenv.markers.value_or(DotenvBlock{.begin = text.size(), .end = text.size()});
  std::string foreign;
  if (dotenv.markers.has_value()) {
    foreign = ForeignText(text, dotenv, is_own);
    if (foreign.empty() && HoldsJust(dotenv, values)) return std::nullopt;
  } else if (values.empty()) {
    return std::nullopt;
  }
  const absl::string_view line_end = LineEnd(text);
  std::string written(text.substr(0, markers.begin));
  const bool has_text = written.find_first_not_of("\xEF\xBB\xBF") != std::string::npos;
  if (has_text && !absl::EndsWith(written, "\n")) absl::StrAppend(&written, line_end);
  absl::StrAppend(&written, foreign, kBlockBegin, line_end);
  for (const auto& [key, value] : values) {
    absl::StrAppend(&written, DotenvLine(key, value), line_end);
  }
  absl::StrAppend(&written, kBlockEnd, line_end, text.substr(markers.end));
  return written;
}

std::string DotenvLine(absl::string_view key, absl::string_view value) {
  if (NeedsNoQuotes(value)) return absl::StrCat(key, "=", value);
  // Compose takes a backslash before the closing quote for an escape.
  if (!absl::StrContains(value, "'") && !absl::EndsWith(value, "\\")) {
    return absl::StrCat(key, "='", value, "'");
  }
  std::string line = absl::StrCat(key, "=\"");
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') line.push_back('\\');
    line.push_back(c);
  }
  return absl::StrCat(line, "\"");
}

}  // namespace nopo
