// Takes the debug lines of one request, of those areas that it asked for.
//
// Code that decides something says so to a DebugLog beside the decision; where nobody asked, the
// line is not even put together. Implementations are thread-safe.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/debug_areas.h"

namespace nopo {

class DebugLog {
 public:
  virtual ~DebugLog() = default;

  const DebugAreas& debug_areas() const { return areas_; }

  // Writes what `text()` returns, a line without its end, if `area` is wanted.
  template <typename Text>
  void Debug(DebugArea area, const Text& text) {
    if (areas_.Has(area)) WriteDebug(std::string(DebugAreaName(area)), text());
  }

  // The same for a line about one target: also wanted as "service:TARGET".
  template <typename Text>
  void DebugOf(absl::string_view target, DebugArea area, const Text& text) {
    if (areas_.Has(area)) {
      WriteDebug(std::string(DebugAreaName(area)), text());
    } else if (areas_.HasService(target)) {
      WriteDebug(absl::StrCat("service:", target), text());
    }
  }

 protected:
  explicit DebugLog(DebugAreas areas) : areas_(std::move(areas)) {}

 private:
  virtual void WriteDebug(std::string area, std::string message) = 0;

  const DebugAreas areas_;
};

// One that wants nothing.
DebugLog& NoDebugLog();

}  // namespace nopo
