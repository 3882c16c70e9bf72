// Decides which files of a build context are sent: the pattern language of .dockerignore and of
// BuildKit's include and exclude lists.
//
// `*` and `?` do not cross '/', `**` does, `[...]` are classes, `\` escapes, a leading `!` includes
// again; later patterns win; a match on a directory counts for what is below it. Immutable, cheap
// to copy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

class IgnorePatterns {
 public:
  // Errors: INVALID_ARGUMENT naming a pattern that does not parse.
  static absl::StatusOr<IgnorePatterns> Create(const std::vector<std::string>& patterns);
  IgnorePatterns() = default;

  // `path` is relative, '/'-separated, clean.
  bool Excludes(absl::string_view path) const;
  // True when `dir` is excluded and no `!` pattern can match below it: its children need no look.
  bool Prunes(absl::string_view dir) const;
  // False when no pattern, `!` or not, can match `dir` or anything below it.
  bool MayMatchBelow(absl::string_view dir) const;

 private:
  struct Pattern;
  std::vector<std::shared_ptr<const Pattern>> patterns_;
};

// The patterns of a .dockerignore file: comments and blank lines dropped, leading '/' and trailing
// '/' removed, paths cleaned.
std::vector<std::string> ParseDockerignore(absl::string_view text);

}  // namespace nopo
