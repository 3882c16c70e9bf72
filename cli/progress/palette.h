// The few colours nopo uses, as escape sequences; all empty where colour is off.
#pragma once

#include <cstdint>
#include <iterator>
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
  // "[web:build]", in a colour that all tasks of web have, so that lines of targets tell apart.
  std::string Prefix(absl::string_view task) const {
    static constexpr absl::string_view kColours[] = {"36", "35", "34", "32",
                                                     "33", "96", "95", "94"};
    uint32_t hash = 2166136261;  // FNV-1a: the same in every run.
    for (const char letter : task.substr(0, task.find(':'))) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619;
    }
    return Paint(kColours[(hash >> 16) % std::size(kColours)], absl::StrCat("[", task, "]"));
  }

 private:
  std::string Paint(absl::string_view code, absl::string_view text) const {
    if (!enabled_ || text.empty()) return std::string(text);
    return absl::StrCat("\033[", code, "m", text, "\033[0m");
  }

  bool enabled_;
};

}  // namespace nopo
