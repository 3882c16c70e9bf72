// One pattern of BuildKit's language for paths, compiled.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Immutable. Matching takes time linear in path and pattern, whatever the wildcards.
class PathPattern {
 public:
  // `text` is without a leading `!`; it is cleaned like a path first.
  //
  // Errors: INVALID_ARGUMENT for a class that is not closed or a `\` at the end.
  static absl::StatusOr<PathPattern> Create(absl::string_view text);

  // Whether the pattern matches `path` (relative, clean) or one of its parents.
  bool MatchesPathOrParent(absl::string_view path) const;
  // False only if nothing below directory `dir` can match unless `dir` itself does.
  bool MayMatchBelow(absl::string_view dir) const;

 private:
  enum class Kind {
    kLiteral,         // `text`
    kAnyCharacter,    // ?
    kClass,           // [...]
    kAnyRun,          // *
    kAnyDirectories,  // **/ : nothing, or anything that ends in '/'
    kAnything,        // ** at the end
  };
  struct Token {
    Kind kind;
    std::string text;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // kClass, both ends included.
    bool negated = false;                               // kClass.
  };
  class Compiler;
  class Positions;

  static void Advance(const Token& token, absl::string_view path, Positions& positions);
  static bool ClassContains(const Token& token, char32_t character);

  std::vector<Token> tokens_;
  std::string fixed_prefix_;  // What every match starts with.
  std::string needle_;        // What every match contains: the longest literal.
};

// `path` without ".", "..", doubled and trailing '/'; "." when nothing is left. An absolute path
// stays absolute.
std::string CleanPath(absl::string_view path);

}  // namespace nopo
