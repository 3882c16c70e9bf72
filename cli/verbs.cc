#include "cli/verbs.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "cli/options.h"
#include "cli/subcommands/subcommands.h"

namespace nopo {
namespace {

constexpr absl::string_view kTargetWords = "[TARGET...]";
constexpr absl::string_view kCommandWords = "COMMAND [SUB...] [TARGET...]";

constexpr absl::string_view kCommandLineWords = "TARGET COMMAND [ARGUMENT...]";

constexpr Verb kProjectCommand = {.word_kind = WordKind::kCommand,
                                  .words = kCommandWords,
                                  .summary = "Run a command of the project",
                                  .run = RunProjectCommand,
                                  .runs_tasks = true};

constexpr std::array kVerbs = {
    Verb{.name = "up",
         .word_kind = WordKind::kServices,
         .words = kTargetWords,
         .summary = "Build and start services, and wait until they are healthy",
         .run = RunUp,
         .declare = DeclareUpOptions,
         .runs_tasks = true,
         .examples = "  nopo up                       all services, and what they are built from\n"
                     "  nopo up web --build           web and what it needs, built anew\n"
                     "  nopo up --scale web=3         three instances of web\n"},
    Verb{.name = "watch",
         .word_kind = WordKind::kServices,
         .words = kTargetWords,
         .summary = "Bring services up, and again whenever their files change",
         .run = RunWatch,
         .declare = DeclareUpOptions,
         .runs_tasks = true,
         .prints_json = false},
    Verb{.name = "down",
         .word_kind = WordKind::kServices,
         .words = kTargetWords,
         .summary = "Stop and remove the project's containers and network",
         .run = RunDown,
         .declare = DeclareDownOptions,
         .runs_tasks = true,
         .examples = "  nopo down                     stop and remove all containers\n"
                     "  nopo down -v                  their data as well\n"},
    Verb{.name = "build",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Build packages and images",
         .run = RunBuild,
         .declare = DeclareBuildOptions,
         .runs_tasks = true,
         .examples = "  nopo build web                web's image and what it stands on\n"
                     "  nopo build -F changed         what differs from the default branch\n"
                     "  nopo build --dry-run          what would be built, and why\n"},
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
         .word_kind = WordKind::kServices,
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
         .runs_tasks = true,
         .examples =
             "  nopo run test api             the command test of api, in a container\n"
             "  nopo run shell web            at a terminal: as if the shell had started it\n"
             "  nopo run test api -- -k name  arguments of its own\n"},
    Verb{.name = "exec",
         .word_kind = WordKind::kCommandLine,
         .words = kCommandLineWords,
         .summary = "Run a command in a running container of a service",
         .run = RunExec,
         .declare = DeclareExecOptions,
         .prints_json = false,
         .examples = "  nopo exec web sh              at a terminal: a shell in the container\n"
                     "  nopo exec db psql <dump.sql   reads what is sent to it\n"},
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
         .declare = DeclareListOptions,
         .examples =
             "  nopo list                     all targets\n"
             "  nopo list -F affected --csv   names of what a change concerns, for scripts\n"
             "  nopo list --jq '.services | keys'\n"},
    Verb{.name = "status",
         .word_kind = WordKind::kServices,
         .words = kTargetWords,
         .summary = "Show what runs",
         .run = RunStatus,
         .declare = DeclareStatusOptions,
         .examples = "  nopo status                   which services run, and where\n"
                     "  nopo status -d web            web's containers\n"},
    Verb{.name = "env",
         .summary = "Bring the project's .env up to date and show what changed",
         .run = RunEnv,
         .declare = DeclareEnvOptions,
         .examples = "  nopo env                      write .env\n"
                     "  nopo env --diff               what would be written\n"
                     "  nopo env --explain WEB_IMAGE  why web's image has the name that it has\n"},
    Verb{.name = "logs",
         .word_kind = WordKind::kServices,
         .words = kTargetWords,
         .summary = "Show the logs of services",
         .run = RunLogs,
         .declare = DeclareLogsOptions,
         .prints_json = false,
         .examples = "  nopo logs -f web              what web prints, until Ctrl-C\n"
                     "  nopo logs -n 20               the last lines of each service\n"},
    Verb{.name = "graph",
         .word_kind = WordKind::kTargets,
         .words = kTargetWords,
         .summary = "Show how targets depend on each other",
         .run = RunGraph,
         .declare = DeclareGraphOptions,
         .examples = "  nopo graph -f svg >graph.svg  all targets as a picture\n"},
    Verb{.name = "doctor", .summary = "Look for what may keep nopo from working", .run = RunDoctor},
    Verb{.name = "daemon",
         .word_kind = WordKind::kChoice,
         .words = "start|stop|restart|status|logs",
         .summary = "Control the daemon",
         .run = RunDaemon,
         .declare = DeclareLogsOptions,
         .examples = "  nopo daemon start             start it; every command does so by itself\n"
                     "  nopo daemon stop              cancel what runs and end it\n"
                     "  nopo daemon restart           end it and start another\n"
                     "  nopo daemon status            its version, process and socket\n"
                     "  nopo daemon logs -f           what it writes, until Ctrl-C\n"},
    Verb{.name = "completion",
         .word_kind = WordKind::kChoice,
         .words = "bash|zsh|fish",
         .summary = "Print a completion script for a shell",
         .run = RunCompletion,
         .prints_json = false,
         .needs_daemon = false,
         .examples = "  source <(nopo completion bash)       in ~/.bashrc; zsh the same\n"
                     "  nopo completion fish | source        in fish's configuration\n"},
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
};

}  // namespace

bool Verb::selects_targets() const {
  return word_kind == WordKind::kTargets || word_kind == WordKind::kServices ||
         word_kind == WordKind::kCommand;
}

std::string Verb::Usage() const {
  if (word_kind == WordKind::kCommandLine) {
    return absl::StrCat("nopo ", name, " [OPTIONS] ", words);
  }
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

const Verb& VerbOf(const Arguments& arguments) {
  const Verb* verb = FindVerb(arguments.verb);
  return verb == nullptr ? kProjectCommand : *verb;
}

}  // namespace nopo
