#include "daemon/services/shell_words.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

// Outside quotes each of these means something to a shell that plain splitting would lose.
constexpr absl::string_view kShellOnly = "|&;<>()$`*?[\n";
// These only do at the start of a word.
constexpr absl::string_view kShellOnlyFirst = "#~{}!";
constexpr std::array<absl::string_view, 22> kBuiltins = {
    "exec", "cd",     "export", "set",   "unset", "eval",  "source", ".",
    ":",    "if",     "for",    "trap",  "case",  "while", "until",  "time",
    "wait", "ulimit", "read",   "umask", "alias", "shift"};

// Splits words; fails (false from Run) at anything that needs a shell.
class Splitter {
 public:
  explicit Splitter(absl::string_view line) : line_(line) {}

  bool Run() {
    while (position_ < line_.size()) {
      if (!Take(line_[position_++])) return false;
    }
    EndWord();
    return true;
  }
  std::vector<std::string> TakeWords() { return std::move(words_); }

 private:
  bool Take(char c) {
    if (c == '\'') return TakeSingleQuoted();
    if (c == '"') return TakeDoubleQuoted();
    if (c == '\\') return TakeEscaped();
    if (kShellOnly.find(c) != absl::string_view::npos) return false;
    if (!word_ && kShellOnlyFirst.find(c) != absl::string_view::npos) return false;
    if (c == ' ' || c == '\t') {
      EndWord();
    } else {
      Append(c);
    }
    return true;
  }

  bool TakeSingleQuoted() {
    const size_t end = line_.find('\'', position_);
    if (end == absl::string_view::npos) return false;
    if (!word_) word_.emplace();
    absl::StrAppend(&*word_, line_.substr(position_, end - position_));
    position_ = end + 1;
    return true;
  }

  bool TakeDoubleQuoted() {
    if (!word_) word_.emplace();
    while (position_ < line_.size()) {
      char c = line_[position_++];
      if (c == '"') return true;
      if (c == '$' || c == '`') return false;
      if (c == '\\' && position_ < line_.size() && IsEscapable(line_[position_])) {
        c = line_[position_++];
      }
      Append(c);
    }
    return false;
  }

  bool TakeEscaped() {
    if (position_ == line_.size() || line_[position_] == '\n') return false;
    Append(line_[position_++]);
    return true;
  }

  static bool IsEscapable(char c) { return c == '"' || c == '\\' || c == '$' || c == '`'; }

  void Append(char c) {
    if (!word_) word_.emplace();
    word_->push_back(c);
  }
  void EndWord() {
    if (word_) words_.push_back(*std::move(word_));
    word_.reset();
  }

  const absl::string_view line_;
  size_t position_ = 0;
  std::optional<std::string> word_;  // Unset between words; '' makes an empty one.
  std::vector<std::string> words_;
};

// "A=b" in front of a command.
bool IsAssignment(absl::string_view word) {
  const size_t equals = word.find('=');
  if (equals == 0 || equals == absl::string_view::npos) return false;
  const absl::string_view name = word.substr(0, equals);
  return !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

}  // namespace

std::vector<std::string> ContainerCommand(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  Splitter splitter(line);
  if (splitter.Run()) {
    std::vector<std::string> words = splitter.TakeWords();
    const bool shell_needed =
        words.empty() || IsAssignment(words[0]) ||
        std::find(kBuiltins.begin(), kBuiltins.end(), words[0]) != kBuiltins.end();
    if (!shell_needed) return words;
  }
  return {"/bin/sh", "-c", std::string(line)};
}

}  // namespace nopo
