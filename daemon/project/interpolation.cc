#include "daemon/project/interpolation.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/project/diagnostics.h"

namespace nopo {
namespace {

constexpr int kDeepest = 32;
constexpr absl::string_view kExpected =
    "; expected $NAME, ${NAME}, ${NAME:-otherwise}, ${NAME:?message} or ${NAME:+instead}; a dollar "
    "is '$$'";

// Reads a text from front to back; what is nested ("${A:-${B}}") is read by the same reader.
class Interpolation {
 public:
  Interpolation(absl::string_view text, const VariableLookup& variables)
      : text_(text), rest_(text), variables_(variables) {}

  absl::StatusOr<std::string> Run() {
    std::string result = ReadText(/*counts=*/true, /*depth=*/0);
    if (error_.empty()) return result;
    return absl::InvalidArgumentError(error_);
  }

 private:
  // Up to the end of the text, or inside of braces to the one that closes them. What does not
  // `count` is read for its end only.
  std::string ReadText(bool counts, int depth) {
    std::string result;
    while (error_.empty() && !rest_.empty() && !(depth > 0 && rest_.front() == '}')) {
      if (absl::ConsumePrefix(&rest_, "$$")) {
        result.push_back('$');
      } else if (absl::ConsumePrefix(&rest_, "$")) {
        absl::StrAppend(&result, ReadVariable(counts, depth));
      } else {
        result.push_back(rest_.front());
        rest_.remove_prefix(1);
      }
    }
    return result;
  }

  std::string ReadVariable(bool counts, int depth) {
    const bool braced = absl::ConsumePrefix(&rest_, "{");
    const std::string name = TakeName();
    if (name.empty()) return Malformed();
    const std::optional<std::string> value = variables_(name);
    if (!braced || absl::ConsumePrefix(&rest_, "}")) return value.value_or("");
    const bool empty_is_unset = absl::ConsumePrefix(&rest_, ":");
    if (rest_.empty() || depth == kDeepest) return Malformed();
    const char form = rest_.front();
    if (form != '-' && form != '+' && form != '?') return Malformed();
    rest_.remove_prefix(1);
    const bool is_set = value.has_value() && !(empty_is_unset && value->empty());
    const bool needs_word = is_set == (form == '+');
    const std::string word = ReadText(counts && needs_word, depth + 1);
    if (!absl::ConsumePrefix(&rest_, "}")) return Malformed();
    if (form == '+') return is_set ? word : "";
    if (form == '?' && !is_set) return Missing(name, word, counts);
    return is_set ? *value : word;
  }

  std::string Missing(const std::string& name, const std::string& message, bool counts) {
    if (counts && error_.empty()) {
      error_ = absl::StrCat("the variable ", name, " must be set",
                            message.empty() ? "" : absl::StrCat(": ", message));
    }
    return "";
  }

  std::string Malformed() {
    if (error_.empty()) error_ = absl::StrCat("found ", Quoted(text_), kExpected);
    return "";
  }

  std::string TakeName() {
    size_t length = 0;
    while (length < rest_.size() && (absl::ascii_isalpha(rest_[length]) || rest_[length] == '_' ||
                                     (length > 0 && absl::ascii_isdigit(rest_[length])))) {
      ++length;
    }
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }

  const absl::string_view text_;
  absl::string_view rest_;
  const VariableLookup& variables_;
  std::string error_;
};

}  // namespace

absl::StatusOr<std::string> Interpolate(absl::string_view text, const VariableLookup& variables) {
  return Interpolation(text, variables).Run();
}

}  // namespace nopo
