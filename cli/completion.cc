#include "cli/completion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "nopo/v1/project.pb.h"

namespace nopo {
namespace {

using Project = v1::DescribeProjectResponse;

// Those that `nopo env --explain` knows in every project; which a service has besides is told by
// its name.
constexpr std::array kVariables = {"BUILDKIT_HOST",
                                   "CI",
                                   "DEBUG",
                                   "DOCKER_BUILD",
                                   "DOCKER_BUILDER",
                                   "DOCKER_BUILDKIT_CACHE",
                                   "DOCKER_BUILDKIT_CACHE_TO",
                                   "DOCKER_CONFIG",
                                   "DOCKER_CONTEXT",
                                   "DOCKER_DIGEST",
                                   "DOCKER_HOST",
                                   "DOCKER_IMAGE",
                                   "DOCKER_PLATFORMS",
                                   "DOCKER_PORT",
                                   "DOCKER_PUSH",
                                   "DOCKER_REGISTRY",
                                   "DOCKER_TAG",
                                   "DOCKER_TARGET",
                                   "DOCKER_VERSION",
                                   "ENV_FILE",
                                   "FORCE_COLOR",
                                   "GITHUB_ACTIONS",
                                   "GIT_BRANCH",
                                   "GIT_COMMIT",
                                   "GIT_REPO",
                                   "LOG_LEVEL",
                                   "NODE_ENV",
                                   "NOPO_DAEMON",
                                   "NOPO_SOCKET",
                                   "NO_COLOR",
                                   "ROOT_DIR"};

// A command line up to the cursor, taken apart.
struct TypedLine {
  const Verb* verb = nullptr;                // Null: not typed yet.
  std::vector<std::string> words;            // That are no options, behind the verb.
  std::optional<OptionDescription> pending;  // The option whose value is being typed.
  std::string project_dir;
  bool task_arguments = false;  // Behind "--".
  bool command_line = false;    // In one that is not nopo's.
  std::string current;
};

// The first word that is no option names a built-in, or is a command of the project.
void AddWord(const std::string& word, TypedLine& line) {
  if (line.verb == nullptr) {
    line.verb = &VerbOf({.verb = word});
    if (!line.verb->name.empty()) return;
  }
  line.words.push_back(word);
}

bool TakesCommandLine(const TypedLine& line) {
  return line.verb != nullptr && line.verb->word_kind == WordKind::kCommandLine;
}

TypedLine TakeApart(const std::vector<std::string>& words) {
  TypedLine line;
  if (words.empty()) return line;
  line.current = words.back();
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      line.command_line = TakesCommandLine(line);
      line.task_arguments = !line.command_line;
      return line;
    }
    if (!absl::StartsWith(word, "-")) {
      AddWord(word, line);
      line.command_line = TakesCommandLine(line) && line.words.size() > 1;
      if (line.command_line) return line;
      continue;
    }
    const std::optional<OptionDescription> option = FindOption(line.verb, word);
    if (!option.has_value() || option->value.empty()) continue;
    if (i + 2 == words.size()) line.pending = option;
    if (++i < words.size() && word == "--project") line.project_dir = words[i];
  }
  return line;
}

void Offer(const std::string& text, const std::string& description, const std::string& typed,
           Completion& completion) {
  if (absl::StartsWith(text, typed)) completion.candidates.push_back({text, description});
}

// Offers each of `items` once as the last one of a comma-separated list, but for those in it.
void OfferInList(const std::vector<Candidate>& items, const std::string& typed,
                 Completion& completion) {
  const size_t comma = typed.rfind(',');
  const std::string before = comma == std::string::npos ? "" : typed.substr(0, comma + 1);
  std::set<std::string> seen = absl::StrSplit(before, ',');
  for (const Candidate& item : items) {
    if (!seen.insert(item.text).second) continue;
    Offer(before + item.text, item.description, typed, completion);
  }
  completion.more_follows = true;
}

std::vector<Candidate> Tags(const Project& project, absl::string_view prefix) {
  std::vector<Candidate> tags;
  for (const std::string& tag : project.tags()) tags.push_back({absl::StrCat(prefix, tag), "tag"});
  return tags;
}

// Presets and fields, negated where a "!" is typed, and the values of tags.
std::vector<Candidate> FilterTerms(const Project& project, const std::string& typed) {
  const size_t comma = typed.rfind(',');
  const std::string last = comma == std::string::npos ? typed : typed.substr(comma + 1);
  if (absl::StartsWith(last, "tags=")) return Tags(project, "tags=");
  const char* negation = absl::StartsWith(last, "!") ? "!" : "";
  std::vector<Candidate> terms;
  for (const std::string& term : project.filter_terms()) terms.push_back({negation + term, ""});
  return terms;
}

// One answer to "which words may follow", from the verbs' table and the project.
class Completer {
 public:
  Completer(TypedLine line, const ProjectSource& source, const ReferenceSource& references)
      : line_(std::move(line)), source_(source), references_(references), typed_(line_.current) {}

  Completion Complete() {
    const size_t equals = typed_.find('=');
    if (line_.command_line) {
      return std::move(completion_);  // What there is in the container nobody here knows.
    }
    if (line_.task_arguments) {
      completion_.kind = Completion::Kind::kFiles;
    } else if (line_.pending.has_value()) {
      OfferValues(*line_.pending);
    } else if (absl::StartsWith(typed_, "--") && equals != std::string::npos) {
      CompleteBehindEquals(equals);
    } else if (absl::StartsWith(typed_, "-")) {
      OfferOptions();
    } else if (line_.verb == nullptr) {
      OfferVerbs();
      OfferCommands({});
    } else {
      OfferWords();
    }
    return std::move(completion_);
  }

 private:
  const Project& project() {
    if (!project_.has_value()) project_ = source_(line_.project_dir);
    return *project_;
  }

  // "--progress=pl": the value is completed, with the option before it.
  void CompleteBehindEquals(size_t equals) {
    const std::string option_name = typed_.substr(0, equals);
    const auto option = FindOption(line_.verb, option_name);
    if (!option.has_value()) return;
    typed_ = typed_.substr(equals + 1);
    OfferValues(*option);
    for (Candidate& candidate : completion_.candidates) {
      candidate.text = absl::StrCat(option_name, "=", candidate.text);
    }
  }

  void OfferOptions() {
    const Verb& verb = line_.verb == nullptr ? VerbOf({}) : *line_.verb;
    for (const OptionDescription& option : OptionsOf(verb)) {
      if (option.applies) Offer(option.names.back(), option.help, typed_, completion_);
    }
  }

  void OfferValues(const OptionDescription& option) {
    if (absl::StrContains(option.value, "|")) {
      OfferChoices(option.value);
    } else if (option.value == "EXPR") {
      OfferInList(FilterTerms(project(), typed_), typed_, completion_);
    } else if (option.value == "TAGS") {
      OfferInList(Tags(project(), ""), typed_, completion_);
    } else if (option.value == "NAME=N") {
      OfferServices("=");
      completion_.more_follows = true;
    } else if (option.value == "REF") {
      for (const std::string& name : references_(line_.project_dir)) {
        Offer(name, "", typed_, completion_);
      }
    } else if (option.value == "KEY") {
      OfferVariables();
    } else if (option.value == "FILE") {
      completion_.kind = Completion::Kind::kFiles;
    } else if (option.value == "DIR") {
      completion_.kind = Completion::Kind::kDirectories;
    }
  }

  void OfferVariables() {
    for (const char* name : kVariables) Offer(name, "", typed_, completion_);
    for (const auto& target : project().targets()) {
      if (target.type() != "service") continue;
      std::string name = target.name();
      for (char& letter : name)
        letter = absl::ascii_isalnum(letter) ? absl::ascii_toupper(letter) : '_';
      Offer(name + "_IMAGE", "", typed_, completion_);
    }
  }

  void OfferChoices(absl::string_view choices) {
    for (const absl::string_view choice : absl::StrSplit(choices, '|')) {
      Offer(std::string(choice), "", typed_, completion_);
    }
  }

  void OfferVerbs() {
    for (const Verb* verb : BuiltInVerbs()) {
      Offer(std::string(verb->name), std::string(verb->summary), typed_, completion_);
    }
  }

  void OfferWords() {
    switch (line_.verb->word_kind) {
      case WordKind::kNone:
        return;
      case WordKind::kChoice:
        if (line_.words.empty()) OfferChoices(line_.verb->words);
        return;
      case WordKind::kTargets:
      case WordKind::kServices:
        return OfferTargets("");
      case WordKind::kCommandLine:
        if (line_.words.empty()) OfferServices("");
        return;
      case WordKind::kVerb:
        if (line_.words.empty()) OfferVerbs();
        OfferCommands(line_.words);
        return;
      case WordKind::kCommand:
        return OfferCommandLine();
    }
  }

  // Each with what goes on behind it.
  void OfferServices(absl::string_view rest) {
    for (const Project::Target& target : project().targets()) {
      if (target.type() != "service") continue;
      Offer(absl::StrCat(target.name(), rest), target.description(), typed_, completion_);
    }
  }

  // Sub-commands as long as only sub-commands were typed; then, and beside them, the targets that
  // have the command.
  void OfferCommandLine() {
    std::string path;
    bool only_commands = true;
    for (const std::string& word : line_.words) {
      const std::string deeper = path.empty() ? word : absl::StrCat(path, ":", word);
      only_commands = FindCommand(deeper) != nullptr;
      if (!only_commands) break;
      path = deeper;
    }
    if (only_commands) OfferCommands(line_.words);
    if (!path.empty()) OfferTargets(path);
  }

  const Project::Command* FindCommand(const std::string& path) {
    for (const Project::Command& command : project().commands()) {
      if (command.path() == path) return &command;
    }
    return nullptr;
  }

  // The commands right below the one that `words` name; the top-level ones for none.
  void OfferCommands(const std::vector<std::string>& words) {
    const std::string parent = words.empty() ? "" : absl::StrCat(absl::StrJoin(words, ":"), ":");
    for (const Project::Command& command : project().commands()) {
      if (!absl::StartsWith(command.path(), parent)) continue;
      const std::string name = command.path().substr(parent.size());
      // A built-in of that name hides it.
      const bool hidden = parent.empty() && line_.verb == nullptr && FindVerb(name) != nullptr;
      if (absl::StrContains(name, ":") || hidden) continue;
      Offer(name, absl::StrCat("of ", absl::StrJoin(command.targets(), ", ")), typed_, completion_);
    }
  }

  // The targets that are not typed yet, of those that have `command` unless it is "".
  void OfferTargets(const std::string& command) {
    const bool only_services = line_.verb->word_kind == WordKind::kServices;
    const Project::Command* wanted = command.empty() ? nullptr : FindCommand(command);
    for (const Project::Target& target : project().targets()) {
      const auto has = [&](const auto& names) {
        return std::find(names.begin(), names.end(), target.name()) != names.end();
      };
      if (only_services && target.type() != "service") continue;
      if (has(line_.words) || (wanted != nullptr && !has(wanted->targets()))) continue;
      Offer(target.name(), target.description().empty() ? target.type() : target.description(),
            typed_, completion_);
    }
  }

  const TypedLine line_;
  const ProjectSource& source_;
  const ReferenceSource& references_;
  std::string typed_;  // The part of the current word that is being completed.
  std::optional<Project> project_;
  Completion completion_;
};

}  // namespace

Completion CompleteWords(const std::vector<std::string>& words, const ProjectSource& project,
                         const ReferenceSource& references) {
  return Completer(TakeApart(words), project, references).Complete();
}

}  // namespace nopo
