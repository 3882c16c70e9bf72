#include "daemon/buildkit/ignore_patterns.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "daemon/buildkit/path_pattern.h"

namespace nopo {

struct IgnorePatterns::Pattern {
  PathPattern path;
  bool includes_again;  // It had a leading `!`.
};

absl::StatusOr<IgnorePatterns> IgnorePatterns::Create(const std::vector<std::string>& patterns) {
  IgnorePatterns result;
  for (const std::string& given : patterns) {
    absl::string_view text = absl::StripAsciiWhitespace(given);
    if (text.empty()) continue;
    const bool includes_again = absl::ConsumePrefix(&text, "!");
    if (text.empty()) return absl::InvalidArgumentError("pattern '!' says nothing to include");
    NOPO_ASSIGN_OR_RETURN(PathPattern path, PathPattern::Create(text));
    result.patterns_.push_back(
        std::make_shared<const Pattern>(Pattern{std::move(path), includes_again}));
  }
  return result;
}

bool IgnorePatterns::Excludes(absl::string_view path) const {
  bool excluded = false;
  for (const auto& pattern : patterns_) {
    // A pattern that could only confirm the verdict so far needs no look.
    if (pattern->includes_again == excluded && pattern->path.MatchesPathOrParent(path)) {
      excluded = !excluded;
    }
  }
  return excluded;
}

bool IgnorePatterns::Prunes(absl::string_view dir) const {
  if (!Excludes(dir)) return false;
  for (const auto& pattern : patterns_) {
    if (pattern->includes_again && pattern->path.MayMatchBelow(dir)) return false;
  }
  return true;
}

bool IgnorePatterns::MayMatchBelow(absl::string_view dir) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const auto& pattern) { return pattern->path.MayMatchBelow(dir); });
}

std::vector<std::string> ParseDockerignore(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");  // A byte order mark.
  std::vector<std::string> patterns;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "#")) continue;
    absl::string_view pattern = absl::StripAsciiWhitespace(line);
    const bool includes_again = absl::ConsumePrefix(&pattern, "!");
    pattern = absl::StripLeadingAsciiWhitespace(pattern);
    if (pattern.empty() && !includes_again) continue;
    std::string clean = pattern.empty() ? "" : CleanPath(pattern);
    if (clean.size() > 1 && clean.front() == '/') clean.erase(0, 1);
    patterns.push_back(absl::StrCat(includes_again ? "!" : "", clean));
  }
  return patterns;
}

}  // namespace nopo
