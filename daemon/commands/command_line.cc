#include "daemon/commands/command_line.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/text.h"

namespace nopo {
namespace {

std::set<std::string> AllCommandPaths(const Project& project) {
  std::set<std::string> paths;
  const auto add = [&paths](const Target& target) {
    for (std::string& path : target.CommandPaths()) paths.insert(std::move(path));
  };
  add(project.root_target);
  for (const Target& target : project.targets) add(target);
  return paths;
}

bool NamesTarget(const Project& project, const std::string& word) {
  return word == "." || project.FindTarget(word) != nullptr;
}

absl::Status UnknownCommand(const std::string& word, const std::set<std::string>& paths,
                            const std::vector<std::string>& other_names) {
  const std::vector<std::string> own(paths.begin(), paths.end());
  std::vector<std::string> candidates = own;
  candidates.insert(candidates.end(), other_names.begin(), other_names.end());
  absl::Status error =
      MakeError(absl::StatusCode::kNotFound, Reason::kUnknownCommand,
                absl::StrCat("unknown command '", word, "'", DidYouMean(word, candidates)));
  if (own.empty()) return WithHint(error, "no target of this project has commands");
  return WithHint(error, absl::StrCat("commands of this project: ", absl::StrJoin(own, ", ")));
}

}  // namespace

absl::StatusOr<CommandLine> SplitCommandLine(const Project& project,
                                             const std::vector<std::string>& words,
                                             const std::vector<std::string>& other_names) {
  if (words.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     "a command is missing", {"nopo list shows the targets and their commands"});
  }
  const std::set<std::string> paths = AllCommandPaths(project);
  if (!paths.contains(words.front())) return UnknownCommand(words.front(), paths, other_names);
  CommandLine line{.command = words.front()};
  size_t next = 1;
  for (; next < words.size(); ++next) {
    const std::string deeper = absl::StrCat(line.command, ":", words[next]);
    const bool last = next + 1 == words.size();
    if (!paths.contains(deeper) || (last && NamesTarget(project, words[next]))) break;
    line.command = deeper;
  }
  line.targets.assign(words.begin() + next, words.end());
  return line;
}

}  // namespace nopo
