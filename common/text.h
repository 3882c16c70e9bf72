// Small operations on text that several folders need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// Number of single-character edits between `a` and `b`, a swap of neighbours counting as one.
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate that `name` most likely means, if one is near enough to be worth suggesting;
// ignores case.
std::optional<std::string> NearestName(absl::string_view name,
                                       const std::vector<std::string>& candidates);

// "; did you mean 'X'?" or "".
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates);

// `text` as one word of a POSIX shell.
std::string ShellQuote(absl::string_view text);

}  // namespace nopo
