#include "common/debug_areas.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

// In the order of DebugArea.
constexpr std::array<absl::string_view, 8> kNames = {"timing", "cache",  "build",     "deps",
                                                     "env",    "config", "container", "sync"};
constexpr absl::string_view kServicePrefix = "service:";

}  // namespace

absl::string_view DebugAreaName(DebugArea area) { return kNames[static_cast<size_t>(area)]; }

DebugAreas DebugAreas::Parse(absl::string_view value, std::vector<std::string>* unknown) {
  DebugAreas areas;
  for (absl::string_view word : absl::StrSplit(value, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (word.empty() || word == "0") continue;
    if (word == "1") {
      areas.areas_ = ~0U;
      continue;
    }
    absl::string_view service = word;
    const auto name = std::find(kNames.begin(), kNames.end(), word);
    if (name != kNames.end()) {
      areas.areas_ |= BitOf(static_cast<DebugArea>(name - kNames.begin()));
    } else if (absl::ConsumePrefix(&service, kServicePrefix) && !service.empty()) {
      areas.services_.emplace_back(service);
    } else if (unknown != nullptr) {
      unknown->emplace_back(word);
    }
  }
  return areas;
}

bool DebugAreas::HasService(absl::string_view service) const {
  return std::any_of(services_.begin(), services_.end(), [&](const std::string& wanted) {
    return absl::EqualsIgnoreCase(wanted, service);
  });
}

std::string DebugAreaNames() {
  return absl::StrCat(absl::StrJoin(kNames, ", "), ", ", kServicePrefix, "NAME");
}

}  // namespace nopo
