// nopo: reads the command line, asks the daemon, shows its answer.
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/daemon_connection.h"
#include "cli/json_filter.h"
#include "cli/observation.h"
#include "cli/progress/closing_report.h"
#include "cli/subcommands/subcommands.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/runtime_paths.h"
#include "common/standard_streams.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// Before main: gRPC's own initialization opens what would take the number of a closed stream, and
// `nopo exec` would read that.
[[gnu::constructor(101)]] void SecureStreams() { OpenStandardStreams(); }

// Never shown, and not parsed: what follows is half a command line.
constexpr absl::string_view kCompleteWord = "__complete";

// What `nopo --help` and the like ask for.
Subcommand SubcommandFor(const Arguments& arguments) {
  if (arguments.version) return RunVersion;
  const bool is_bare = arguments.verb.empty() && arguments.words.empty();
  return arguments.help || is_bare ? RunHelp : VerbOf(arguments).run;
}

absl::StatusOr<int> RunSubcommand(const Arguments& arguments, const Console& console) {
  const Subcommand subcommand = SubcommandFor(arguments);
  // What needs no daemon must not fail where none could run.
  const bool needs_daemon = subcommand == VerbOf(arguments).run && VerbOf(arguments).needs_daemon;
  absl::StatusOr<RuntimePaths> paths = FindRuntimePaths(ReadProcessEnvironment);
  if (!paths.ok() && needs_daemon) return paths.status();
  const TerminalFacts terminal = FindTerminalFacts();
  NOPO_ASSIGN_OR_RETURN(
      const std::unique_ptr<Observation> observation,
      Observation::Start(arguments.display, console, terminal, ReadProcessEnvironment));
  DaemonConnection daemon(paths.ok() ? *std::move(paths) : RuntimePaths(), *observation);
  if (arguments.no_daemon && needs_daemon) {
    NOPO_RETURN_IF_ERROR(
        observation->Measure("start nopod", [&] { return daemon.StartPrivateDaemon(); }));
  }
  const int exit_code = subcommand(
      {.arguments = arguments, .daemon = daemon, .console = console, .terminal = terminal});
  observation->Finish();
  return exit_code;
}

// With --jq: all that would go to stdout goes through the filter. What failed by itself keeps its
// exit code.
absl::StatusOr<int> RunFiltered(const Arguments& arguments, const Console& console) {
  const std::string& filter = arguments.display.jq;
  if (VerbOf(arguments).runs_tasks) {  // A mistake is better told before than after an hour.
    NOPO_ASSIGN_OR_RETURN(const int checked, FilterJson(filter, ""));
    if (checked != kExitOk) return checked;
  }
  std::string json;
  const Console capturing = {
      .out = [&json](absl::string_view text) { absl::StrAppend(&json, text); },
      .error = console.error};
  NOPO_ASSIGN_OR_RETURN(const int exit_code, RunSubcommand(arguments, capturing));
  if (json.empty()) return exit_code;
  NOPO_ASSIGN_OR_RETURN(const int filtered, FilterJson(filter, json));
  return exit_code != kExitOk ? exit_code : filtered;
}

absl::StatusOr<int> Run(const std::vector<std::string>& command_line, const Console& console) {
  if (!command_line.empty() && command_line[0] == kCompleteWord) {
    return RunComplete({command_line.begin() + 1, command_line.end()}, console);
  }
  NOPO_ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(command_line));
  const bool of_verb = SubcommandFor(arguments) == VerbOf(arguments).run;
  const bool filters = !arguments.display.jq.empty() && of_verb;
  return filters ? RunFiltered(arguments, console) : RunSubcommand(arguments, console);
}

}  // namespace
}  // namespace nopo

int main(int argc, char** argv) {
  std::atomic<int> lost = 0;
  const nopo::Console console = nopo::ProcessConsole(lost);
  const std::vector<std::string> command_line(argv + 1, argv + argc);
  const absl::StatusOr<int> exit_code = nopo::Run(command_line, console);
  if (!exit_code.ok()) {
    console.error(nopo::ErrorReport(exit_code.status(), nopo::Palette(false)));
    ::_exit(nopo::ExitCodeOf(exit_code.status()));
  }
  if (lost != 0) {
    const absl::Status status = absl::ErrnoToStatus(lost, "cannot write to stdout");
    console.error(nopo::ErrorReport(status, nopo::Palette(false)));
    ::_exit(*exit_code != nopo::kExitOk ? *exit_code : nopo::ExitCodeOf(status));
  }
  // Everything is written, and gRPC's threads still run: see DaemonConnection.
  ::_exit(*exit_code);
}
