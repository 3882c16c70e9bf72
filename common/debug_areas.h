// What DEBUG asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

enum class DebugArea { kTiming, kCache, kBuild, kDeps, kEnv, kConfig, kContainer, kSync };
absl::string_view DebugAreaName(DebugArea area);  // "timing"

// The areas of one request, and the services whose every line is wanted. A value.
class DebugAreas {
 public:
  DebugAreas() = default;  // None.

  // "cache,service:web"; "1" is all areas, "0" and "" are none. Areas that do not exist are put
  // into `unknown` unless that is null.
  static DebugAreas Parse(absl::string_view value, std::vector<std::string>* unknown = nullptr);

  bool empty() const { return areas_ == 0 && services_.empty(); }
  bool Has(DebugArea area) const { return (areas_ & BitOf(area)) != 0; }
  // "service:web" was asked for; target names are the same in any case.
  bool HasService(absl::string_view service) const;

 private:
  static uint32_t BitOf(DebugArea area) { return 1U << static_cast<uint32_t>(area); }

  uint32_t areas_ = 0;
  std::vector<std::string> services_;
};

// All that DEBUG takes, for messages: "timing, cache, ..., service:NAME".
std::string DebugAreaNames();

}  // namespace nopo
