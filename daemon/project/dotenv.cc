#include "daemon/project/dotenv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/image_names.h"
#include "daemon/project/text_file.h"

namespace nopo {
namespace {

constexpr absl::string_view kBlockBegin = "# nopo: begin";
constexpr absl::string_view kBlockEnd = "# nopo: end";

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

class DotenvParser {
 public:
  DotenvParser(absl::string_view text, const std::string& file) : rest_(text), file_(file) {}

  absl::StatusOr<Dotenv> Parse() {
    while (!rest_.empty()) {
      start_line_ = line_;
      NOPO_RETURN_IF_ERROR(ParseLine());
    }
    if (in_block_) {
      start_line_ = block_line_;
      return Error(absl::StrCat("found '", kBlockBegin, "' without '", kBlockEnd, "'"));
    }
    return std::move(dotenv_);
  }

 private:
  absl::Status Error(absl::string_view message) const {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                     absl::StrCat(file_, ":", start_line_, ": ", message));
  }

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
    const size_t equals = line.find('=');
    absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
    if (absl::ConsumePrefix(&name, "export ")) name = absl::StripLeadingAsciiWhitespace(name);
    if (!IsVariableName(name)) {
      return Error(absl::StrCat("found ", Quoted(line), "; expected 'KEY=VALUE'"));
    }
    if (equals == absl::string_view::npos) {
      // A bare name says: as in the caller's environment, which goes first anyway.
      TakeLine();
      return absl::OkStatus();
    }
    rest_.remove_prefix(rest_.find('=') + 1);
    NOPO_ASSIGN_OR_RETURN(std::string value, TakeValue());
    (in_block_ ? dotenv_.block : dotenv_.user)[std::string(name)] = std::move(value);
    return absl::OkStatus();
  }

  absl::Status EnterOrLeaveBlock(bool begin) {
    if (begin == in_block_) {
      return Error(begin ? "found a block of nopo inside of another"
                         : "found the end of a block of nopo without its beginning");
    }
    if (begin && block_line_ != 0) return Error("found a second block of nopo; expected one");
    in_block_ = begin;
    if (begin) block_line_ = start_line_;
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> TakeValue() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) return TakeQuoted(rest_[0]);
    absl::string_view value = TakeLine();
    if (absl::StartsWith(value, "#")) return std::string();
    for (const absl::string_view comment : {" #", "\t#"})
      value = value.substr(0, value.find(comment));
    return std::string(absl::StripAsciiWhitespace(value));
  }

  absl::StatusOr<std::string> TakeQuoted(char quote) {
    std::string value;
    size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      const bool escape = quote == '"' && rest_[at] == '\\' && at + 1 < rest_.size();
      if (escape) ++at;
      if (rest_[at] == '\n') ++line_;
      value.push_back(escape ? Unescaped(rest_[at]) : rest_[at]);
    }
    if (at >= rest_.size()) return Error("found a quote that is not closed");
    rest_.remove_prefix(at + 1);
    const absl::string_view behind = absl::StripAsciiWhitespace(TakeLine());
    if (!behind.empty() && behind[0] != '#') {
      return Error(absl::StrCat("found ", Quoted(behind), " behind a quoted value"));
    }
    return value;
  }

  absl::string_view rest_;
  const std::string& file_;
  Dotenv dotenv_;
  int line_ = 1;
  int start_line_ = 1;  // Of the entry being read.
  int block_line_ = 0;  // Of nopo's block; 0 before it.
  bool in_block_ = false;
};

}  // namespace

EnvironmentMap Dotenv::All() const {
  EnvironmentMap all = user;
  all.insert(block.begin(), block.end());
  return all;
}

absl::StatusOr<Dotenv> ParseDotenv(absl::string_view text, const std::string& file) {
  return DotenvParser(text, file).Parse();
}

absl::StatusOr<Dotenv> LoadDotenv(const Project& project, const EnvironmentMap& environment) {
  const auto override_file = environment.find("ENV_FILE");
  const bool overridden = override_file != environment.end() && !override_file->second.empty();
  const std::string name = overridden ? override_file->second : ".env";
  const std::filesystem::path path = (project.root / name).lexically_normal();
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (absl::IsPermissionDenied(text.status())) {
    return WithReason(WithPrefix(text.status(), absl::StrCat(name, ": ")), Reason::kPermission);
  }
  if (!text.ok() && !absl::IsNotFound(text.status())) {
    return WithReason(WithPrefix(text.status(), absl::StrCat(name, ": ")), Reason::kConfiguration);
  }
  NOPO_ASSIGN_OR_RETURN(Dotenv dotenv, ParseDotenv(text.ok() ? *text : "", name));
  dotenv.path = path;
  return dotenv;
}

absl::StatusOr<EnvironmentMap> ReadDotenv(const Project& project,
                                          const EnvironmentMap& environment) {
  NOPO_ASSIGN_OR_RETURN(const Dotenv dotenv, LoadDotenv(project, environment));
  return dotenv.All();
}

}  // namespace nopo
