#include "daemon/buildkit/path_pattern.h"

#include <string.h>

#include <algorithm>
#include <filesystem>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// The UTF-8 character at `offset`, and its length; a byte that starts none stands for itself.
std::pair<char32_t, size_t> CharacterAt(absl::string_view text, size_t offset) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || offset + length > text.size()) return {first, 1};
  char32_t character = first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {first, 1};
    character = (character << 6) | (byte(i) & 0x3F);
  }
  return {character, length};
}

}  // namespace

// Where in the path a match may have got to, ascending, after the tokens so far.
class PathPattern::Positions {
 public:
  Positions() : offsets_{0} {}
  bool empty() const { return offsets_.empty(); }
  const absl::InlinedVector<size_t, 32>& offsets() const { return offsets_; }

  // Replaces each offset by what `step` makes of it; npos drops it.
  template <typename Step>
  void Transform(Step step) {
    size_t kept = 0;
    for (const size_t offset : offsets_) {
      const size_t next = step(offset);
      if (next != absl::string_view::npos) offsets_[kept++] = next;
    }
    offsets_.resize(kept);
  }

  // Adds, from every offset on, each later one for which `accepts` holds, until `stops` holds.
  template <typename Accepts, typename Stops>
  void Spread(size_t size, Accepts accepts, Stops stops) {
    absl::InlinedVector<size_t, 32> spread;
    size_t next = 0;  // Offsets below are dealt with.
    for (const size_t offset : offsets_) {
      if (spread.empty() || spread.back() < offset) spread.push_back(offset);
      for (size_t i = std::max(offset, next); i < size && !stops(i); ++i) {
        next = i + 1;
        if (accepts(i) && spread.back() < i + 1) spread.push_back(i + 1);
      }
    }
    offsets_ = std::move(spread);
  }

 private:
  absl::InlinedVector<size_t, 32> offsets_;
};

class PathPattern::Compiler {
 public:
  explicit Compiler(absl::string_view text) : text_(text) {}

  absl::StatusOr<PathPattern> Compile() {
    while (at_ < text_.size()) NOPO_RETURN_IF_ERROR(Next());
    if (!pattern_.tokens_.empty() && pattern_.tokens_.front().kind == Kind::kLiteral) {
      pattern_.fixed_prefix_ = pattern_.tokens_.front().text;
    }
    for (const Token& token : pattern_.tokens_) {
      if (token.text.size() > pattern_.needle_.size()) pattern_.needle_ = token.text;
    }
    return std::move(pattern_);
  }

 private:
  absl::Status Next() {
    switch (text_[at_]) {
      case '*':
        Stars();
        return absl::OkStatus();
      case '?':
        ++at_;
        Add(Kind::kAnyCharacter);
        return absl::OkStatus();
      case '[':
        return Class();
      case '\\':
        if (++at_ == text_.size()) return Malformed("ends in a lone '\\'");
        [[fallthrough]];
      default:
        Literal(text_[at_++]);
        return absl::OkStatus();
    }
  }

  void Stars() {
    const size_t end = std::min(text_.find_first_not_of('*', at_), text_.size());
    const bool is_double = end - at_ > 1;
    at_ = end;
    if (!is_double) {
      Add(Kind::kAnyRun);
    } else if (at_ == text_.size()) {
      Add(Kind::kAnything);
    } else {
      if (text_[at_] == '/') ++at_;
      Add(Kind::kAnyDirectories);
    }
  }

  absl::Status Class() {
    Token token{.kind = Kind::kClass};
    ++at_;
    token.negated = at_ < text_.size() && text_[at_] == '^';
    if (token.negated) ++at_;
    while (at_ < text_.size() && (text_[at_] != ']' || token.ranges.empty())) {
      NOPO_ASSIGN_OR_RETURN(const char32_t low, ClassCharacter());
      char32_t high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        NOPO_ASSIGN_OR_RETURN(high, ClassCharacter());
      }
      token.ranges.emplace_back(low, high);
    }
    if (at_ == text_.size()) return Malformed("has a '[' without ']'");
    ++at_;
    pattern_.tokens_.push_back(std::move(token));
    return absl::OkStatus();
  }

  absl::StatusOr<char32_t> ClassCharacter() {
    if (text_[at_] == '\\') ++at_;
    if (at_ == text_.size()) return Malformed("has a '[' without ']'");
    const auto [character, length] = CharacterAt(text_, at_);
    at_ += length;
    return character;
  }

  void Literal(char c) {
    auto& tokens = pattern_.tokens_;
    if (tokens.empty() || tokens.back().kind != Kind::kLiteral) Add(Kind::kLiteral);
    tokens.back().text.push_back(c);
  }

  void Add(Kind kind) { pattern_.tokens_.push_back(Token{.kind = kind}); }

  absl::Status Malformed(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("pattern '", text_, "' ", what));
  }

  const absl::string_view text_;
  size_t at_ = 0;
  PathPattern pattern_;
};

absl::StatusOr<PathPattern> PathPattern::Create(absl::string_view text) {
  const std::string clean = CleanPath(text);
  return Compiler(absl::StripPrefix(clean, "/")).Compile();
}

bool PathPattern::ClassContains(const Token& token, char32_t character) {
  const bool listed = std::any_of(token.ranges.begin(), token.ranges.end(), [&](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return listed != token.negated;
}

void PathPattern::Advance(const Token& token, absl::string_view path, Positions& positions) {
  constexpr size_t kDrop = absl::string_view::npos;
  const auto is_slash = [&](size_t i) { return path[i] == '/'; };
  switch (token.kind) {
    case Kind::kLiteral:
      positions.Transform([&](size_t at) {
        return absl::StartsWith(path.substr(at), token.text) ? at + token.text.size() : kDrop;
      });
      break;
    case Kind::kAnyCharacter:
    case Kind::kClass:
      positions.Transform([&](size_t at) {
        if (at == path.size() || is_slash(at)) return kDrop;
        const auto [character, length] = CharacterAt(path, at);
        if (token.kind == Kind::kClass && !ClassContains(token, character)) return kDrop;
        return at + length;
      });
      break;
    case Kind::kAnyRun:
      positions.Spread(
          path.size(), [](size_t) { return true; }, is_slash);
      break;
    case Kind::kAnyDirectories:
      positions.Spread(path.size(), is_slash, [](size_t) { return false; });
      break;
    case Kind::kAnything:
      break;
  }
}

bool PathPattern::MatchesPathOrParent(absl::string_view path) const {
  if (tokens_.empty() || !absl::StartsWith(path, fixed_prefix_)) return false;
  // Most patterns have nothing to do with most paths, and this says so fastest.
  if (::memmem(path.data(), path.size(), needle_.data(), needle_.size()) == nullptr) return false;
  Positions positions;
  for (const Token& token : tokens_) {
    if (token.kind == Kind::kAnything) return true;
    Advance(token, path, positions);
    if (positions.empty()) return false;
  }
  return std::any_of(positions.offsets().begin(), positions.offsets().end(),
                     [&](size_t at) { return at == path.size() || path[at] == '/'; });
}

bool PathPattern::MayMatchBelow(absl::string_view dir) const {
  const absl::string_view fixed = fixed_prefix_;
  if (tokens_.size() == 1 && fixed.size() < dir.size() && dir[fixed.size()] != '/') return false;
  if (fixed.size() <= dir.size()) return absl::StartsWith(dir, fixed);
  return absl::StartsWith(fixed, dir) && fixed[dir.size()] == '/';
}

std::string CleanPath(absl::string_view path) {
  if (path.empty()) return ".";
  std::string clean = std::filesystem::path(std::string(path)).lexically_normal().string();
  if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

}  // namespace nopo
