#include "daemon/project/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/text.h"

namespace nopo {
namespace {

constexpr size_t kMostEntries = 100;
// Names longer than this are no typing mistakes.
constexpr size_t kLongestName = 64;
constexpr size_t kLongestQuote = 60;

}  // namespace

void Diagnostics::Add(std::vector<Entry>& entries, const SourceLocation& location,
                      absl::string_view key, absl::string_view message) {
  if (entries.size() >= kMostEntries) return;
  entries.push_back(
      {location, absl::StrCat(location.ToString(), ": ", key, key.empty() ? "" : ": ", message)});
}

void Diagnostics::AddError(const SourceLocation& location, absl::string_view key,
                           absl::string_view message) {
  ++error_count_;
  Add(errors_, location, key, message);
}

void Diagnostics::AddUnreadable(const SourceLocation& location, absl::string_view message) {
  unreadable_ = true;
  AddError(location, "", message);
}

void Diagnostics::AddWarning(const SourceLocation& location, absl::string_view key,
                             absl::string_view message) {
  ++warning_count_;
  Add(warnings_, location, key, message);
}

void Diagnostics::Append(const Diagnostics& other) {
  const auto append = [](std::vector<Entry>& entries, const std::vector<Entry>& more) {
    const size_t room = kMostEntries - std::min(kMostEntries, entries.size());
    const auto end = more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size()));
    entries.insert(entries.end(), more.begin(), end);
  };
  append(errors_, other.errors_);
  append(warnings_, other.warnings_);
  error_count_ += other.error_count_;
  warning_count_ += other.warning_count_;
  unreadable_ = unreadable_ || other.unreadable_;
}

std::string Diagnostics::DidYouMean(absl::string_view name,
                                    const std::vector<std::string>& candidates) const {
  if (name.size() > kLongestName || error_count_ > kMostEntries || warning_count_ > kMostEntries) {
    return "";
  }
  return nopo::DidYouMean(name, candidates);
}

std::vector<std::string> Diagnostics::SortedLines(std::vector<Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto key = [](const Entry& e) {
      return std::make_tuple(absl::StrContains(e.location.file, '/'),
                             absl::string_view(e.location.file), e.location.line,
                             e.location.column);
    };
    return key(a) < key(b);
  });
  std::vector<std::string> lines;
  for (Entry& entry : entries) {
    // A value behind several aliases is read once for each.
    if (lines.empty() || lines.back() != entry.line) lines.push_back(std::move(entry.line));
  }
  return lines;
}

absl::Status Diagnostics::ToStatus() const {
  if (!has_errors()) return absl::OkStatus();
  std::vector<std::string> lines = SortedLines(errors_);
  if (error_count_ > errors_.size()) {
    lines.push_back(absl::StrCat("and ", error_count_ - errors_.size(), " more mistakes"));
  }
  const std::string message = absl::StrJoin(lines, "\n");
  return unreadable_
             ? MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission, message)
             : MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration, message);
}

std::vector<std::string> Diagnostics::Warnings() const { return SortedLines(warnings_); }

std::string Quoted(absl::string_view text) {
  const bool shorten = text.size() > kLongestQuote;
  absl::string_view shown = text.substr(0, kLongestQuote);
  // Don't cut a character in two.
  while (shorten && !shown.empty() && (text[shown.size()] & 0xC0) == 0x80) shown.remove_suffix(1);
  return absl::StrCat("'", absl::Utf8SafeCEscape(shown), shorten ? "..." : "", "'");
}

}  // namespace nopo
