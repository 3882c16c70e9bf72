#include "daemon/build/dockerfile_lexer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

// The delimiter of a word like `<<EOF`, `3<<-"EOF"`; "" when it opens no here-document.
std::string HeredocDelimiter(absl::string_view word) {
  while (!word.empty() && absl::ascii_isdigit(word[0])) word.remove_prefix(1);
  if (!absl::ConsumePrefix(&word, "<<")) return "";
  absl::ConsumePrefix(&word, "-");
  if (absl::StrContains(word, "<")) return "";
  return absl::StrReplaceAll(word, {{"\"", ""}, {"'", ""}});
}

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  DockerfileTokens Run() {
    bool may_be_directive = true;
    while (position_ < text_.size()) {
      const absl::string_view line = absl::StripAsciiWhitespace(PeekLine());
      if (absl::StartsWith(line, "#")) {
        may_be_directive = may_be_directive && ReadDirective(line);
        NextLine();
      } else if (line.empty()) {
        may_be_directive = false;
        NextLine();
      } else {
        may_be_directive = false;
        ReadInstruction();
      }
    }
    return std::move(tokens_);
  }

 private:
  // The line at the position, without its end.
  absl::string_view PeekLine() const {
    const absl::string_view rest = text_.substr(position_);
    return rest.substr(0, rest.find('\n'));
  }
  void NextLine() { position_ += PeekLine().size() + 1; }

  // False when the comment is just that: directives stand only before the first other line.
  bool ReadDirective(absl::string_view comment) {
    const size_t equals = comment.find('=');
    if (equals == absl::string_view::npos) return false;
    const absl::string_view key = absl::StripAsciiWhitespace(comment.substr(1, equals - 1));
    const absl::string_view value = absl::StripAsciiWhitespace(comment.substr(equals + 1));
    if (absl::EqualsIgnoreCase(key, "escape") && (value == "`" || value == "\\")) {
      tokens_.escape = value[0];
    }
    return absl::EqualsIgnoreCase(key, "escape") || absl::EqualsIgnoreCase(key, "syntax") ||
           absl::EqualsIgnoreCase(key, "check");
  }

  void ReadInstruction() {
    words_.clear();
    in_word_ = false;
    const size_t begin = position_;
    bool continues = true;
    for (bool first = true; continues && position_ < text_.size(); first = false) {
      const absl::string_view line = PeekLine();
      const absl::string_view trimmed = absl::StripAsciiWhitespace(line);
      const bool skipped = !first && (trimmed.empty() || trimmed[0] == '#');
      if (!skipped) continues = ReadWords(line);
      NextLine();
    }
    FinishInstruction(begin);
  }

  // Adds the line's words; true when the instruction goes on in the next line.
  bool ReadWords(absl::string_view line) {
    absl::string_view content = absl::StripTrailingAsciiWhitespace(line);
    const bool continues = !content.empty() && content.back() == tokens_.escape;
    if (continues) content.remove_suffix(1);
    for (size_t i = 0; i < content.size(); ++i) {
      if (absl::ascii_isspace(content[i])) {
        in_word_ = false;
        continue;
      }
      if (!in_word_) words_.emplace_back();
      in_word_ = true;
      words_.back().Append(content[i], position_ + i);
    }
    return continues;
  }

  void FinishInstruction(size_t begin) {
    if (words_.empty()) return;
    DockerfileInstruction instruction;
    instruction.keyword = absl::AsciiStrToUpper(words_.front().text());
    instruction.words.assign(std::make_move_iterator(words_.begin() + 1),
                             std::make_move_iterator(words_.end()));
    const std::string& keyword = instruction.keyword;
    if (keyword == "RUN" || keyword == "COPY" || keyword == "ADD") {
      for (const DockerfileWord& word : instruction.words) SkipHeredoc(word.text());
    }
    instruction.span = {begin, std::min(position_, text_.size())};
    tokens_.instructions.push_back(std::move(instruction));
  }

  // Moves behind the body of the here-document that `word` opens, if it opens one that ends: an
  // engine without here-documents takes the following lines for instructions.
  void SkipHeredoc(absl::string_view word) {
    const std::string delimiter = HeredocDelimiter(word);
    if (delimiter.empty()) return;
    const bool tabs_are_stripped = absl::StrContains(word, "<<-");
    const size_t begin = position_;
    while (position_ < text_.size()) {
      absl::string_view line = absl::StripSuffix(PeekLine(), "\r");
      while (tabs_are_stripped && absl::ConsumePrefix(&line, "\t")) {
      }
      NextLine();
      if (line == delimiter) return;
    }
    position_ = begin;
  }

  absl::string_view text_;
  size_t position_ = 0;
  DockerfileTokens tokens_;
  std::vector<DockerfileWord> words_;  // Of the instruction being read, keyword included.
  bool in_word_ = false;               // The next character belongs to the last word.
};

}  // namespace

void DockerfileWord::Append(char c, size_t offset) {
  text_.push_back(c);
  offsets_.push_back(offset);
}

TextSpan DockerfileWord::SpanOf(size_t first, size_t length) const {
  return {offsets_[first], offsets_[first + length - 1] + 1};
}

DockerfileTokens LexDockerfile(absl::string_view text) { return Lexer(text).Run(); }

}  // namespace nopo
