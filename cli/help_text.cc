#include "cli/help_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/options.h"
#include "cli/progress/display_width.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/text.h"
#include "nopo/v1/project.pb.h"

namespace nopo {
namespace {

using Project = v1::DescribeProjectResponse;

const Project::Command* FindCommand(const Project& project, absl::string_view path) {
  const auto& commands = project.commands();
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const auto& command) { return command.path() == path; });
  return found == commands.end() ? nullptr : &*found;
}

// The commands whose paths begin with `parent` ("" or "check:"), indented by their depth.
std::string CommandTree(const Project& project, absl::string_view parent) {
  struct Line {
    std::string name;
    std::string targets;
  };
  std::vector<Line> lines;
  int width = 0;
  for (const Project::Command& command : project.commands()) {
    if (!absl::StartsWith(command.path(), parent)) continue;
    const std::string below = command.path().substr(parent.size());
    const auto depth = static_cast<size_t>(std::count(below.begin(), below.end(), ':'));
    const size_t colon = below.rfind(':');
    const std::string name = below.substr(colon == std::string::npos ? 0 : colon + 1);
    lines.push_back(
        {std::string(2 + 2 * depth, ' ') + name, absl::StrJoin(command.targets(), ", ")});
    width = std::max(width, DisplayWidth(lines.back().name));
  }
  std::string tree;
  for (const Line& line : lines) {
    absl::StrAppend(&tree, FitToWidth(line.name, width), "  ", line.targets, "\n");
  }
  return tree;
}

absl::Status UnknownCommand(const std::string& word, const Project& project) {
  std::vector<std::string> names = BuiltInVerbNames();
  for (const Project::Command& command : project.commands()) names.push_back(command.path());
  return MakeError(absl::StatusCode::kNotFound, Reason::kUnknownCommand,
                   absl::StrCat("unknown command '", word, "'", DidYouMean(word, names)),
                   {"`nopo help` shows all commands"});
}

constexpr absl::string_view kFilters =
    "\nFilters, which must all hold; ! negates one:\n"
    "  buildable       has something to build\n"
    "  package         is no service\n"
    "  service         runs in containers\n"
    "  changed         has files that differ from the default branch, or from --since\n"
    "  affected        has changed, or depends on what has\n"
    "  FIELD           has the field, of those in `nopo list --json` and nopo.yml\n"
    "  FIELD=VALUE     has it with this value\n";
constexpr absl::string_view kProgressModes =
    "\nProgress, which goes to stderr:\n"
    "  auto            tty on a terminal, else plain\n"
    "  tty             a live view of what runs\n"
    "  plain           a line for each thing that happens, for logs\n"
    "  json            an event a line, for programs\n"
    "  quiet           nothing but errors, as --quiet\n";
constexpr absl::string_view kExitCodes =
    "\nExit codes: 0 done, 1 a command failed (one alone: its own code), 2 no such command,\n"
    "3 arguments, 4 configuration, 5 engine, build or service, 6 network, 7 permission,\n"
    "130 interrupted\n";

// What stands below the options.
std::string Notes(const Verb& verb) {
  return absl::StrCat(verb.selects_targets() ? kFilters : "",
                      verb.shows_progress() ? kProgressModes : "",
                      verb.examples.empty() ? "" : absl::StrCat("\nExamples:\n", verb.examples),
                      verb.needs_daemon ? kExitCodes : "");
}

}  // namespace

std::string GeneralHelp() {
  std::string help =
      "nopo runs the services and commands of a monorepo\n\n"
      "Usage: nopo COMMAND [TARGET...] [OPTIONS]\n\nCommands:\n";
  for (const Verb* verb : BuiltInVerbs()) {
    absl::StrAppend(&help, absl::StrFormat("  %-12s%s\n", verb->name, verb->summary));
  }
  absl::StrAppend(
      &help,
      "\nAny other command is one of the project's: `nopo lint web` runs it on this\n"
      "machine, `nopo run lint web` in a container. `nopo COMMAND --help` tells more.\n");
  return help;
}

std::string ProjectCommandsHelp(const Project& project) {
  const std::string tree = CommandTree(project, "");
  if (tree.empty()) return "";
  return absl::StrCat("\nCommands of ", project.name(), ", and the targets that have them:\n",
                      tree);
}

std::string VerbHelp(const Verb& verb) {
  return absl::StrCat(verb.summary, "\n\nUsage: ", verb.Usage(), "\n", OptionsHelp(verb),
                      Notes(verb));
}

absl::StatusOr<std::string> CommandHelp(const Verb& verb, const std::vector<std::string>& words,
                                        const Project& project) {
  std::string path = words.front();
  if (FindCommand(project, path) == nullptr) return UnknownCommand(path, project);
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string deeper = absl::StrCat(path, ":", words[i]);
    if (FindCommand(project, deeper) == nullptr) break;
    path = deeper;
  }
  const std::string typed = absl::StrReplaceAll(path, {{":", " "}});
  const std::string usage = absl::StrReplaceAll(verb.Usage(), {{"COMMAND [SUB...]", typed}});
  const std::string below = CommandTree(project, absl::StrCat(path, ":"));
  return absl::StrCat(
      "`", typed, "` is a command of ", project.name(), "\n\nUsage: ", usage,
      "\n\nTargets: ", absl::StrJoin(FindCommand(project, path)->targets(), ", "), "\n",
      below.empty() ? "" : absl::StrCat("\nSub-commands, and the targets that have them:\n", below),
      OptionsHelp(verb), Notes(verb));
}

}  // namespace nopo
