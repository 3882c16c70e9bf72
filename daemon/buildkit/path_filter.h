// What of a directory a request for its files wants.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {

// Immutable.
class PathFilter {
 public:
  // Selects what matches `include` (everything when empty) and is not excluded. Both in the
  // language of ignore_patterns.h.
  //
  // Errors: INVALID_ARGUMENT naming a pattern that does not parse.
  static absl::StatusOr<PathFilter> Create(const std::vector<std::string>& include,
                                           const std::vector<std::string>& exclude);
  // Selects everything.
  PathFilter() = default;

  // `path` is relative, '/'-separated, clean.
  bool Selects(absl::string_view path) const;
  // False when nothing below directory `dir` can be selected.
  bool MaySelectBelow(absl::string_view dir) const;

 private:
  bool includes_everything_ = true;
  IgnorePatterns include_;  // "Excludes" what is to be included.
  IgnorePatterns exclude_;
};

}  // namespace nopo
