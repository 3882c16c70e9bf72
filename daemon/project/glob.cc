#include "daemon/project/glob.h"

#include <fnmatch.h>

#include <algorithm>

#include "absl/strings/str_split.h"

namespace nopo {

std::vector<std::string> PathComponents(absl::string_view path) {
  return absl::StrSplit(path, '/', [](absl::string_view component) {
    return !component.empty() && component != ".";
  });
}

bool HasWildcard(absl::string_view component) {
  return component.find_first_of("*?[") != absl::string_view::npos;
}

bool MatchesComponent(const std::string& pattern, const std::string& component) {
  if (pattern == "**") return !component.empty() && component[0] != '.';
  return ::fnmatch(pattern.c_str(), component.c_str(), FNM_PERIOD) == 0;
}

bool MatchesPath(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  // reachable[i]: the first i components of the pattern match the path so far. One pass over the
  // path keeps patterns with many `**` from taking exponential time.
  std::vector<bool> reachable(pattern.size() + 1);
  const auto skip_empty_stars = [&] {
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (reachable[i] && pattern[i] == "**") reachable[i + 1] = true;
    }
  };
  reachable[0] = true;
  skip_empty_stars();
  for (const std::string& component : path) {
    std::vector<bool> next(pattern.size() + 1);
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (!reachable[i] || !MatchesComponent(pattern[i], component)) continue;
      next[pattern[i] == "**" ? i : i + 1] = true;
    }
    reachable = std::move(next);
    skip_empty_stars();
  }
  return reachable.back();
}

}  // namespace nopo
