#include "daemon/project/dotenv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"

namespace nopo {
namespace {

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

// What `\c` stands for in double quotes: Compose's escapes and the shell's. Others keep their
// backslash.
std::string Unescaped(char c) {
  switch (c) {
    case 'n':
      return "\n";
    case 'r':
      return "\r";
    case 't':
      return "\t";
    case '"':
    case '\\':
    case '$':
    case '`':
      return std::string(1, c);
    default:
      return {'\\', c};
  }
}

class DotenvParser {
 public:
  DotenvParser(absl::string_view text, const std::string& file)
      : size_(text.size()), rest_(absl::StripPrefix(text, "\xEF\xBB\xBF")), file_(file) {
    dotenv_.file = file;
  }

  absl::StatusOr<Dotenv> Parse() {
    while (!rest_.empty()) {
      start_line_ = line_;
      start_ = Offset();
      NOPO_RETURN_IF_ERROR(ParseLine());
    }
    if (in_block_) {
      start_line_ = block_line_;
      return Error(absl::StrCat("found '", kBlockBegin, "' without '", kBlockEnd, "'"));
    }
    for (const DotenvEntry& entry : dotenv_.entries) {
      (entry.in_block ? dotenv_.block : dotenv_.user)[entry.key] = entry.value;
    }
    return std::move(dotenv_);
  }

 private:
  absl::Status Error(absl::string_view message) const {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                     absl::StrCat(file_, ":", start_line_, ": ", message));
  }

  size_t Offset() const { return size_ - rest_.size(); }

  // Takes the rest of the line, its end included, and returns it without.
  absl::string_view TakeLine() {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    const absl::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    return absl::StripSuffix(line, "\r");
  }

  absl::Status ParseLine() {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    const absl::string_view line = absl::StripAsciiWhitespace(rest_.substr(0, end));
    if (line == kBlockBegin || line == kBlockEnd) {
      TakeLine();
      return EnterOrLeaveBlock(line == kBlockBegin);
    }
    if (line.empty() || line[0] == '#') {
      TakeLine();
      return absl::OkStatus();
    }
    const size_t separator = line.find_first_of("=:");
    absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, separator));
    if (absl::ConsumePrefix(&name, "export ")) name = absl::StripLeadingAsciiWhitespace(name);
    if (!IsVariableName(name)) {
      return Error(absl::StrCat("found ", Quoted(line), "; expected 'KEY=VALUE'"));
    }
    if (separator == absl::string_view::npos) {
      // A bare name says: as in the caller's environment, which goes first anyway.
      TakeLine();
      return absl::OkStatus();
    }
    DotenvEntry entry{.key = std::string(name), .in_block = in_block_, .line = start_line_};
    rest_.remove_prefix(rest_.find_first_of("=:") + 1);
    NOPO_ASSIGN_OR_RETURN(entry.value, TakeValue());
    entry.begin = start_;
    entry.end = Offset();
    dotenv_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status EnterOrLeaveBlock(bool begin) {
    if (begin == in_block_) {
      return Error(begin ? "found a block of nopo inside of another"
                         : "found the end of a block of nopo without its beginning");
    }
    if (begin && dotenv_.markers.has_value()) {
      return Error("found a second block of nopo; expected one");
    }
    in_block_ = begin;
    if (begin) {
      block_line_ = start_line_;
      dotenv_.markers = DotenvBlock{.begin = start_, .content_begin = Offset()};
    } else {
      dotenv_.markers->content_end = start_;
      dotenv_.markers->end = Offset();
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> TakeValue() {
    const size_t blanks = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    rest_.remove_prefix(blanks);
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) return TakeQuoted(rest_[0]);
    absl::string_view value = TakeLine();
    if (blanks > 0 && absl::StartsWith(value, "#")) return std::string();
    for (const absl::string_view comment : {" #", "\t#"})
      value = value.substr(0, value.find(comment));
    return std::string(absl::StripAsciiWhitespace(value));
  }

  absl::StatusOr<std::string> TakeQuoted(char quote) {
    std::string value;
    size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size() && (quote == '"' || rest_[at + 1] == quote)) {
        ++at;
        value.append(quote == '"' ? Unescaped(rest_[at]) : std::string(1, quote));
      } else {
        value.push_back(rest_[at]);
      }
      if (rest_[at] == '\n') ++line_;
    }
    if (at >= rest_.size()) return Error("found a quote that is not closed");
    rest_.remove_prefix(at + 1);
    const absl::string_view behind = absl::StripAsciiWhitespace(TakeLine());
    if (!behind.empty() && behind[0] != '#') {
      return Error(absl::StrCat("found ", Quoted(behind), " behind a quoted value"));
    }
    return value;
  }

  const size_t size_;
  absl::string_view rest_;
  const std::string& file_;
  Dotenv dotenv_;
  int line_ = 1;
  int start_line_ = 1;  // Of the entry being read.
  size_t start_ = 0;
  int block_line_ = 0;  // Of nopo's block; 0 before it.
  bool in_block_ = false;
};

}  // namespace

EnvironmentMap Dotenv::All() const {
  EnvironmentMap all = user;
  for (const auto& [key, value] : block) {
    std::string& known = all[key];
    if (known.empty()) known = value;
  }
  return all;
}

int Dotenv::LineOf(absl::string_view key, bool in_block) const {
  const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const DotenvEntry& entry) {
    return entry.key == key && entry.in_block == in_block;
  });
  return found == entries.rend() ? 0 : found->line;
}

absl::StatusOr<Dotenv> ParseDotenv(absl::string_view text, const std::string& file) {
  return DotenvParser(text, file).Parse();
}

}  // namespace nopo
