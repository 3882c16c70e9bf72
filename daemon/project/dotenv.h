// The text of `.env` files.
//
// The syntax is that of Compose: KEY=VALUE lines (`KEY: VALUE` too), `export`, comments, single
// quotes (literal, but for \') and double quotes (with escapes), both of which may span lines.
// Nothing is interpolated.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

constexpr absl::string_view kBlockBegin = "# nopo: begin";
constexpr absl::string_view kBlockEnd = "# nopo: end";

// One variable as the text has it. Offsets are bytes of the text.
struct DotenvEntry {
  std::string key, value;
  bool in_block = false;
  int line = 0;               // Of the key, from 1.
  size_t begin = 0, end = 0;  // Whole lines, the last one's end included.
};

// Where nopo's block is: from the line of its beginning up to and with the line of its end.
struct DotenvBlock {
  size_t begin = 0, content_begin = 0, content_end = 0, end = 0;
};

struct Dotenv {
  std::string file;                    // What messages call it.
  std::vector<DotenvEntry> entries;    // In file order, also those that a later one overrides.
  std::optional<DotenvBlock> markers;  // Empty without a block.
  EnvironmentMap user;                 // Outside of nopo's block.
  EnvironmentMap block;                // Inside.

  // Both together: the user's win, but for managed keys that the user left empty.
  EnvironmentMap All() const;
  // The line that gives `key` its value inside or outside of the block; 0 when none does.
  int LineOf(absl::string_view key, bool in_block) const;
};

// Errors: INVALID_ARGUMENT (CONFIGURATION), the message starting "file:line: ".
absl::StatusOr<Dotenv> ParseDotenv(absl::string_view text, const std::string& file);

// `text` with a block that holds just `values`, sorted. All outside of the block is kept as it is;
// what is in it without being nopo's (variables that `is_own` does not know, comments) is moved
// above it. A new block goes to the end. Empty when there is nothing to change.
//
// `dotenv` is `text` parsed.
std::optional<std::string> WithBlock(absl::string_view text, const Dotenv& dotenv,
                                     const EnvironmentMap& values,
                                     const std::function<bool(const DotenvEntry&)>& is_own);

// The variable as a line (without its end) that a shell and Compose read the same. What they can't
// read the same, a single quote together with a backquote, is written for the shell.
std::string DotenvLine(absl::string_view key, absl::string_view value);

}  // namespace nopo
