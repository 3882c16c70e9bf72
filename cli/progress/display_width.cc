#include "cli/progress/display_width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

constexpr absl::string_view kEllipsis = "…";

// Makes the C library read UTF-8 on this thread for as long as it lives: a program that never calls
// setlocale() is in the "C" locale, and C.UTF-8 is the one that needs no locale archive.
class Utf8Scope {
 public:
  Utf8Scope() : previous_(::uselocale(Utf8Locale())) {}
  ~Utf8Scope() { ::uselocale(previous_); }
  Utf8Scope(const Utf8Scope&) = delete;
  Utf8Scope& operator=(const Utf8Scope&) = delete;

 private:
  // Null where the system has no such locale; uselocale(null) then changes nothing.
  static locale_t Utf8Locale() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }

  locale_t previous_;
};

struct Glyph {
  size_t bytes;
  int columns;
};

// The first character of `text`, which must not be empty.
Glyph FirstGlyph(absl::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80) {
    return {1, static_cast<unsigned char>(text.front()) < 0x20 ? 0 : 1};
  }
  wchar_t character = 0;
  mbstate_t state = {};
  const size_t bytes = ::mbrtowc(&character, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};
  return {bytes, std::max(0, ::wcwidth(character))};
}

// Length of the escape sequence that `text` starts with; `is_colour` tells an SGR sequence.
size_t EscapeLength(absl::string_view text, bool& is_colour) {
  is_colour = false;
  if (text.size() < 2) return text.size();
  if (text[1] == ']') {  // An operating system command ends with BEL or ESC-backslash.
    const size_t bell = text.find('\a');
    const size_t terminator = text.find("\033\\", 2);
    const size_t end = std::min(bell, terminator);
    if (end == absl::string_view::npos) return text.size();
    return end == bell ? bell + 1 : terminator + 2;
  }
  if (text[1] != '[') return 2;
  size_t end = 2;
  while (end < text.size() && (text[end] < 0x40 || text[end] > 0x7e)) ++end;
  if (end == text.size()) return end;
  is_colour = text[end] == 'm';
  return end + 1;
}

}  // namespace

int DisplayWidth(absl::string_view text) {
  const Utf8Scope utf8;
  int width = 0;
  while (!text.empty()) {
    bool is_colour = false;
    if (text.front() == '\033') {
      text.remove_prefix(EscapeLength(text, is_colour));
      continue;
    }
    const Glyph glyph = FirstGlyph(text);
    width += glyph.columns;
    text.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string TruncateToWidth(absl::string_view text, int columns) {
  if (columns <= 0) return "";
  if (DisplayWidth(text) <= columns) return std::string(text);
  const Utf8Scope utf8;
  size_t end = 0;
  for (int width = 0; end < text.size();) {
    const Glyph glyph = FirstGlyph(text.substr(end));
    if (width + glyph.columns > columns - 1) break;
    width += glyph.columns;
    end += glyph.bytes;
  }
  return absl::StrCat(text.substr(0, end), kEllipsis);
}

std::string FitToWidth(absl::string_view text, int columns) {
  std::string fitted = TruncateToWidth(text, columns);
  fitted.append(std::max(0, columns - DisplayWidth(fitted)), ' ');
  return fitted;
}

std::string TerminalSafe(absl::string_view line, bool keep_colour) {
  while (absl::ConsumeSuffix(&line, "\r")) {
  }
  if (const size_t rewrite = line.rfind('\r'); rewrite != absl::string_view::npos) {
    line.remove_prefix(rewrite + 1);
  }
  std::string safe;
  bool coloured = false;
  while (!line.empty()) {
    const char c = line.front();
    size_t length = 1;
    if (c == '\033') {
      bool is_colour = false;
      length = EscapeLength(line, is_colour);
      if (is_colour && keep_colour) {
        absl::StrAppend(&safe, line.substr(0, length));
        coloured = true;
      }
    } else if (c == '\t') {
      safe += "    ";
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
      safe += c;
    }
    line.remove_prefix(length);
  }
  if (coloured) safe += "\033[0m";
  return safe;
}

}  // namespace nopo
