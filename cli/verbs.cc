#include "cli/verbs.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "cli/options.h"
#include "cli/subcommands/subcommands.h"
#include "common/error.h"

namespace nopo {
namespace {

constexpr absl::string_view kTargetWords = "[TARGET...]";
constexpr absl::string_view kCommandWords = "COMMAND [SUB...] [TARGET...]";

constexpr Verb kProjectCommand = {.word_kind = WordKind::kCommand,
                                  .words = kCommandWords,
                                  .summary = "Run a command of the project",
                                  .run = RunProjectCommand,
                                  .runs_tasks = true};

constexpr Verb Reserved(absl::string_view name) { return {.name = name, .runs_tasks = true}; }

constexpr std::array kVerbs = {
    Verb{.name = "up",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Build and start services, and wait until they are healthy",
         .run = RunUp,
         .declare = DeclareUpOptions,
         .runs_tasks = true},
    Verb{.name = "watch",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Bring services up, and again whenever their files change",
         .run = RunWatch,
         .declare = DeclareUpOptions,
         .runs_tasks = true,
         .prints_json = false},
    Verb{.name = "down",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Stop and remove the project's containers and network",
         .run = RunDown,
         .declare = DeclareDownOptions,
         .runs_tasks = true},
    Verb{.name = "build",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Build packages and images",
         .run = RunBuild,
         .declare = DeclareBuildOptions,
         .runs_tasks = true},
    Verb{.name = "why",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Tell whether targets would be built now, and why",
         .run = RunWhy,
         .declare = DeclareWhyOptions},
    Verb{.name = "builds",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "List what was built when, how and why",
         .run = RunBuilds,
         .declare = DeclareBuildsOptions},
    Verb{.name = "pull",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Fetch images of services from their registries",
         .run = RunPull,
         .declare = DeclarePullOptions,
         .runs_tasks = true},
    Verb{.name = "run",
         .word_kind = WordKind::kCommand,
         .words = kCommandWords,
         .summary = "Run a command of the project in containers",
         .run = RunProjectCommand,
         .runs_tasks = true},
    Verb{.name = "command",
         .word_kind = WordKind::kCommand,
         .words = kCommandWords,
         .summary = "Run a command of the project that is named like a built-in",
         .run = RunProjectCommand,
         .runs_tasks = true},
    Verb{.name = "list",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "List the project's targets",
         .run = RunList,
         .declare = DeclareListOptions},
    Verb{.name = "status",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Show what runs",
         .run = RunStatus,
         .declare = DeclareStatusOptions},
    Verb{.name = "env",
         .summary = "Bring the project's .env up to date and show what changed",
         .run = RunEnv,
         .declare = DeclareEnvOptions},
    Verb{.name = "logs",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Show the logs of services",
         .run = RunLogs,
         .declare = DeclareLogsOptions,
         .prints_json = false},
    Verb{.name = "graph",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Show how targets depend on each other",
         .run = RunGraph,
         .declare = DeclareGraphOptions},
    Verb{.name = "doctor", .summary = "Look for what may keep nopo from working", .run = RunDoctor},
    Verb{.name = "daemon",
         .word_kind = WordKind::kChoice,
         .words = "start|stop|restart|status|logs",
         .summary = "Control the daemon",
         .run = RunDaemon,
         .declare = DeclareLogsOptions},
    Verb{.name = "completion",
         .word_kind = WordKind::kChoice,
         .words = "bash|zsh|fish",
         .summary = "Print a completion script for a shell",
         .run = RunCompletion,
         .prints_json = false,
         .needs_daemon = false},
    Verb{.name = "version",
         .summary = "Print the version",
         .run = RunVersion,
         .prints_json = false,
         .needs_daemon = false},
    Verb{.name = "help",
         .word_kind = WordKind::kVerb,
         .words = "[COMMAND [SUB...]]",
         .summary = "Explain a command",
         .run = RunHelp,
         .prints_json = false,
         .needs_daemon = false},
    Reserved("exec"),
};

}  // namespace

std::string Verb::Usage() const {
  return absl::StrCat("nopo ", name, name.empty() || words.empty() ? "" : " ", words, " [OPTIONS]",
                      word_kind == WordKind::kCommand ? " [-- ARGUMENT...]" : "");
}

std::vector<const Verb*> BuiltInVerbs() {
  std::vector<const Verb*> verbs;
  for (const Verb& verb : kVerbs) {
    if (verb.run != nullptr) verbs.push_back(&verb);
  }
  return verbs;
}

std::vector<std::string> BuiltInVerbNames() {
  std::vector<std::string> names;
  for (const Verb* verb : BuiltInVerbs()) names.emplace_back(verb->name);
  return names;
}

const Verb* FindVerb(absl::string_view name) {
  const auto* const found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                         [&](const Verb& verb) { return verb.name == name; });
  return found == kVerbs.end() ? nullptr : found;
}

absl::Status UnavailableVerb(const Verb& verb) {
  return MakeError(
      absl::StatusCode::kUnimplemented, Reason::kUnknownCommand,
      absl::StrCat("`nopo ", verb.name, "` is not available in version " NOPO_VERSION));
}

const Verb& VerbOf(const Arguments& arguments) {
  const Verb* verb = FindVerb(arguments.verb);
  return verb == nullptr ? kProjectCommand : *verb;
}

}  // namespace nopo
