// The few colours nopo uses, as escape sequences; all empty where colour is off.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace nopo {

class Palette {
 public:
  explicit Palette(bool enabled) : enabled_(enabled) {}

  bool enabled() const { return enabled_; }
  std::string Bold(absl::string_view text) const { return Paint("1", text); }
  std::string Dim(absl::string_view text) const { return Paint("2", text); }
  std::string Red(absl::string_view text) const { return Paint("31", text); }
  std::string Green(absl::string_view text) const { return Paint("32", text); }
  std::string Yellow(absl::string_view text) const { return Paint("33", text); }
  std::string Cyan(absl::string_view text) const { return Paint("36", text); }

 private:
  std::string Paint(absl::string_view code, absl::string_view text) const {
    if (!enabled_ || text.empty()) return std::string(text);
    return absl::StrCat("\033[", code, "m", text, "\033[0m");
  }

  bool enabled_;
};

}  // namespace nopo
