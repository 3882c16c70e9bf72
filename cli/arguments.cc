#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"

namespace nopo {
namespace {

absl::Status BadArguments(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments, message);
}

// What CLI11 says of a wrong number of values in plain words: "--scale: 1 required NAME=N missing",
// "--jobs: At Most 1 required but received 2", "quiet was given a disallowed flag override".
std::string WrongValueCount(absl::string_view error) {
  const std::vector<absl::string_view> words = absl::StrSplit(error, ' ');
  const absl::string_view option = absl::StripSuffix(words[0], ":");
  if (absl::EndsWith(error, "flag override")) {
    return absl::StrCat(option.size() == 1 ? "-" : "--", option, " takes no value");
  }
  if (absl::StrContains(error, "At Most 1")) return absl::StrCat(option, " is given twice");
  if (words.size() != 5 || words.back() != "missing") return std::string(error);
  return absl::StrCat(option, " needs a value: ", option, " ", words[3]);
}

// The position of the first word that is neither an option nor an option's value.
size_t FindVerbPosition(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (!absl::StartsWith(words[i], "-")) return i;
    const std::optional<OptionDescription> option = FindOption(nullptr, words[i]);
    if (option.has_value() && !option->value.empty()) ++i;
  }
  return words.size();
}

// Whether the value of the option, or of the last one of those in "-Tu", is the next word.
bool TakesNextWord(const Verb& verb, const std::string& word) {
  std::vector<std::string> options = {word};
  if (!absl::StartsWith(word, "--")) {
    options.clear();
    for (const char letter : word.substr(1)) options.push_back({'-', letter});
  }
  for (const std::string& name : options) {
    const std::optional<OptionDescription> option = FindOption(&verb, name);
    if (!option.has_value()) return false;
    if (!option->value.empty()) return name == options.back();
  }
  return false;
}

// How many of `words` are nopo's: those before "--", and of a verb that takes a command line those
// before the second that is no option.
size_t CountOwnWords(const Verb& verb, const std::vector<std::string>& words) {
  const bool ends_with_target = verb.word_kind == WordKind::kCommandLine;
  bool has_target = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") return i;
    if (!ends_with_target) continue;
    if (absl::StartsWith(words[i], "-")) {
      if (TakesNextWord(verb, words[i])) ++i;
    } else if (std::exchange(has_target, true)) {
      return i;
    }
  }
  return words.size();
}

absl::Status CheckRemaining(const CLI::App& app, const Arguments& arguments) {
  for (const std::string& word : app.remaining()) {
    const std::string name(word.substr(0, word.find('=')));
    const std::string command = arguments.verb.empty() ? "this command" : "nopo " + arguments.verb;
    std::vector<std::string> names;
    for (const OptionDescription& option : OptionsOf(VerbOf(arguments))) {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return BadArguments(
        absl::StrCat("unknown option '", name, "' for ", command, DidYouMean(name, names)));
  }
  return absl::OkStatus();
}

// A result is written in one format.
absl::Status CheckFormats(const CLI::App& app) {
  const std::map<std::string, std::string> implied = {
      {"--json", "json"}, {"--jq", "json"}, {"--csv", "csv"}};
  std::string first;
  std::string first_format;
  for (const CLI::Option* option : app.parse_order()) {
    const std::string name = option->get_name();
    const auto found = implied.find(name);
    if (found == implied.end() && name != "--format") continue;
    const std::string format = found == implied.end() ? option->results().back() : found->second;
    if (first.empty()) {
      first = name;
      first_format = format;
    } else if (format != first_format) {
      return BadArguments(absl::StrCat(first, " and ", name, " ask for different formats"));
    }
  }
  return absl::OkStatus();
}

void SplitAtCommas(std::vector<std::string>& values) {
  std::vector<std::string> parts;
  for (const std::string& value : values) {
    for (const absl::string_view part : absl::StrSplit(value, ',')) parts.emplace_back(part);
  }
  values = std::move(parts);
}

// CLI11 takes its arguments last one first.
absl::Status Parse(CLI::App& app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
    return absl::OkStatus();
  } catch (const CLI::ArgumentMismatch& error) {
    return BadArguments(WrongValueCount(error.what()));
  } catch (const CLI::ParseError& error) {
    return BadArguments(error.what());
  }
}

// `nopo CMD SUB help` asks for what `nopo CMD SUB --help` does. No command of a project is named
// "help".
void ReadHelpWord(Arguments& arguments) {
  if (arguments.verb == "help" || arguments.words.empty()) return;
  const bool has_line = VerbOf(arguments).word_kind == WordKind::kCommandLine;
  if (has_line && !arguments.task_arguments.empty()) return;
  if (arguments.words.back() != "help") return;
  arguments.help = true;
  arguments.words.pop_back();
}

}  // namespace

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& command_line) {
  Arguments arguments;
  std::vector<std::string> words = command_line;
  const size_t position = FindVerbPosition(words);
  if (position < words.size() && FindVerb(words[position]) != nullptr) {
    arguments.verb = words[position];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(position));
  }
  const size_t own = CountOwnWords(VerbOf(arguments), words);
  const size_t separator = own < words.size() && words[own] == "--" ? 1 : 0;
  arguments.task_arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(own + separator),
                                  words.end());
  words.resize(own);

  CLI::App app;
  app.allow_extras();
  DeclareOptions(VerbOf(arguments), app, arguments);
  NOPO_RETURN_IF_ERROR(Parse(app, std::move(words)));
  NOPO_RETURN_IF_ERROR(CheckRemaining(app, arguments));
  NOPO_RETURN_IF_ERROR(CheckFormats(app));
  SplitAtCommas(arguments.selection.filters);
  SplitAtCommas(arguments.selection.tags);
  ReadHelpWord(arguments);
  return arguments;
}

}  // namespace nopo
