// Patterns of paths: `*`, `?` and `[...]` inside a component, `**` for any number of components.
//
// Pure. A leading dot is matched by a literal only.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// Components of a relative path or pattern; "." and empty ones are dropped.
std::vector<std::string> PathComponents(absl::string_view path);

bool HasWildcard(absl::string_view component);
bool MatchesComponent(const std::string& pattern, const std::string& component);
// True when `pattern` matches all of `path`.
bool MatchesPath(const std::vector<std::string>& pattern, const std::vector<std::string>& path);

}  // namespace nopo
