// Gathers the mistakes and warnings of all configuration files of a project.
//
// Bounded: a hostile file can hold a mistake in every byte, and nobody reads the thousandth one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/project/project.h"

namespace nopo {

class Diagnostics {
 public:
  // `key` is the path of the key in the file ("commands.lint.env"); "" for the file as a whole.
  void AddError(const SourceLocation& location, absl::string_view key, absl::string_view message);
  // A file or directory that may not be read; decides the reason of ToStatus().
  void AddUnreadable(const SourceLocation& location, absl::string_view message);
  void AddWarning(const SourceLocation& location, absl::string_view key, absl::string_view message);

  // Adds those of `other`.
  void Append(const Diagnostics& other);

  bool has_errors() const { return error_count_ > 0; }
  // Like the function of common/text.h, but "" once so much has been said that the search for a
  // suggestion is not worth its time.
  std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates) const;

  // OK without errors. Else INVALID_ARGUMENT (CONFIGURATION), or PERMISSION_DENIED (PERMISSION) if
  // a file was unreadable, with one line a mistake: the root file's first, then by file and place.
  absl::Status ToStatus() const;
  // One line each, in the same order.
  std::vector<std::string> Warnings() const;

 private:
  struct Entry {
    SourceLocation location;
    std::string line;
  };
  static void Add(std::vector<Entry>& entries, const SourceLocation& location,
                  absl::string_view key, absl::string_view message);
  static std::vector<std::string> SortedLines(std::vector<Entry> entries);

  std::vector<Entry> errors_;
  std::vector<Entry> warnings_;
  size_t error_count_ = 0;
  size_t warning_count_ = 0;
  bool unreadable_ = false;
};

// `text` for a message: in single quotes, control characters escaped, shortened when long.
std::string Quoted(absl::string_view text);

}  // namespace nopo
