#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/help_text.h"
#include "cli/subcommands/describe.h"
#include "cli/subcommands/subcommands.h"
#include "cli/verbs.h"
#include "common/error.h"

namespace nopo {
namespace {

// Why the commands of a project are missing from what is shown.
std::string MissingCommandsNote(const absl::Status& status) {
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(status.message()), absl::MaxSplits('\n', 1));
  return absl::StrCat("\nThe commands of this project are not known: ", lines[0],
                      "\n`nopo list --validate` tells more.\n");
}

int ShowGeneralHelp(const Invocation& invocation) {
  std::string help = GeneralHelp();
  if (MayHaveProject(invocation.arguments)) {
    const auto project = DescribeProject(invocation.arguments, invocation.daemon);
    absl::StrAppend(&help, project.ok() ? ProjectCommandsHelp(*project)
                                        : MissingCommandsNote(project.status()));
  }
  PrintResult(invocation, help);
  return kExitOk;
}

// Without a project there is only how its commands are used.
int ShowCommandHelp(const Invocation& invocation, const Verb& verb,
                    const std::vector<std::string>& words) {
  if (!MayHaveProject(invocation.arguments)) {
    PrintResult(invocation, VerbHelp(verb));
    return kExitOk;
  }
  const auto project = DescribeProject(invocation.arguments, invocation.daemon);
  if (!project.ok()) {
    PrintResult(invocation, VerbHelp(verb) + MissingCommandsNote(project.status()));
    return kExitOk;
  }
  const absl::StatusOr<std::string> help = CommandHelp(verb, words, *project);
  if (help.ok()) PrintResult(invocation, *help);
  return Conclude(invocation, help.status());
}

}  // namespace

int RunHelp(const Invocation& invocation) {
  // `nopo help CMD...` is `nopo CMD... --help`.
  Arguments asked = invocation.arguments;
  const bool of_itself = asked.verb == "help" && (asked.help || asked.words.empty());
  if (asked.verb == "help" && !of_itself) {
    const bool is_built_in = FindVerb(asked.words.front()) != nullptr;
    asked.verb = is_built_in ? asked.words.front() : "";
    if (is_built_in) asked.words.erase(asked.words.begin());
  }
  const Verb& verb = VerbOf(asked);
  const bool of_command = verb.word_kind == WordKind::kCommand && !asked.words.empty();
  if (of_command) return ShowCommandHelp(invocation, verb, asked.words);
  if (of_itself || asked.verb.empty()) return ShowGeneralHelp(invocation);
  PrintResult(invocation, VerbHelp(verb));
  return kExitOk;
}

}  // namespace nopo
