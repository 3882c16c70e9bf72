#include "daemon/build/variable_expansion.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

// Reads a word from front to back; nested words ("${A:-${B}}") are read by the same reader.
class Expansion {
 public:
  Expansion(absl::string_view word, char escape,
            const std::map<std::string, std::string>& variables)
      : rest_(word), escape_(escape), variables_(variables) {}

  // Up to `end` (which goes) outside quotes, or to the end of the word.
  std::string ReadUntil(char end) {
    std::string result;
    bool double_quoted = false;
    while (!rest_.empty()) {
      const char c = Take();
      if (c == end && end != '\0' && !double_quoted) break;
      if (c == '"') {
        double_quoted = !double_quoted;
      } else if (c == '\'' && !double_quoted) {
        absl::StrAppend(&result, TakeWhile([](char inner) { return inner != '\''; }));
        absl::ConsumePrefix(&rest_, "'");
      } else if (c == escape_ && !rest_.empty()) {
        result.push_back(Take());
      } else if (c == '$') {
        absl::StrAppend(&result, ReadVariable());
      } else {
        result.push_back(c);
      }
    }
    return result;
  }

 private:
  std::string ReadVariable() {
    if (absl::ConsumePrefix(&rest_, "{")) return ReadBraced();
    const std::string name = TakeName();
    return name.empty() ? "$" : ValueOf(name);
  }

  std::string ReadBraced() {
    const std::string name = TakeName();
    const bool empty_counts_as_unset = absl::ConsumePrefix(&rest_, ":");
    if (absl::ConsumePrefix(&rest_, "-")) {
      const std::string otherwise = ReadUntil('}');
      return Exists(name, empty_counts_as_unset) ? ValueOf(name) : otherwise;
    }
    if (absl::ConsumePrefix(&rest_, "+")) {
      const std::string instead = ReadUntil('}');
      return Exists(name, empty_counts_as_unset) ? instead : "";
    }
    ReadUntil('}');
    return ValueOf(name);
  }

  bool Exists(const std::string& name, bool empty_counts_as_unset) const {
    const auto it = variables_.find(name);
    return it != variables_.end() && !(empty_counts_as_unset && it->second.empty());
  }

  std::string ValueOf(const std::string& name) const {
    const auto it = variables_.find(name);
    return it == variables_.end() ? "" : it->second;
  }

  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  template <typename Predicate>
  std::string TakeWhile(Predicate belongs) {
    std::string taken;
    while (!rest_.empty() && belongs(rest_.front())) taken.push_back(Take());
    return taken;
  }

  std::string TakeName() {
    return TakeWhile([](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  }

  absl::string_view rest_;
  const char escape_;
  const std::map<std::string, std::string>& variables_;
};

}  // namespace

std::string ExpandVariables(absl::string_view word, char escape,
                            const std::map<std::string, std::string>& variables) {
  return Expansion(word, escape, variables).ReadUntil('\0');
}

}  // namespace nopo
