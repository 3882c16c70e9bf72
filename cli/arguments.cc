#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"

namespace nopo {
namespace {

// Options that take a value, for finding the command behind them. -f and -j mean different things
// to different commands and are no use before one.
constexpr std::array<absl::string_view, 15> kOptionsWithValue = {
    "--filter",  "-F",         "--since",   "--tags",      "--jobs",
    "--context", "--progress", "--project", "--format",    "--timeout",
    "--scale",   "--output",   "--target",  "--build-arg", "--tail"};

absl::Status BadArguments(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments, message);
}

// CLI11's "--scale: 1 required NAME=N missing" in plain words.
std::string ValueMissing(absl::string_view error) {
  const std::vector<absl::string_view> words = absl::StrSplit(error, ' ');
  if (words.size() != 5 || words.back() != "missing") return std::string(error);
  const absl::string_view option = absl::StripSuffix(words[0], ":");
  return absl::StrCat(option, " needs a value: ", option, " ", words[3]);
}

bool RunsTasks(absl::string_view verb) {
  return verb.empty() || verb == "up" || verb == "down" || verb == "build" || verb == "run";
}

// What the options write to before it is put into Arguments.
struct RawValues {
  bool json = false;
  bool csv = false;
  std::vector<std::string> scale;
};

// A check that leaves the list of values to the type's name in the help.
CLI::Validator OneOf(const std::vector<std::string>& values) {
  return CLI::IsMember(values).description("");
}

void AllowOneValueEach(CLI::Option* option) {
  option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  option->allow_extra_args(false);
}

void DeclareSelection(CLI::App& app, SelectionArguments& selection) {
  AllowOneValueEach(app.add_option("-F,--filter", selection.filters,
                                   "Only targets that match, e.g. has_database or cpu=2")
                        ->type_name("EXPR"));
  AllowOneValueEach(app.add_option("--tags", selection.tags, "Only targets with one of the tags")
                        ->type_name("A,B"));
  app.add_option("--since", selection.since, "What `changed` compares with")->type_name("REF");
}

void DeclareExecution(CLI::App& app, const std::string& verb, ExecutionArguments& execution) {
  app.add_option(RunsTasks(verb) ? "-j,--jobs" : "--jobs", execution.jobs,
                 "Tasks at once (default: one per processor)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000).description(""));
  app.add_flag("--dry-run", execution.dry_run, "Print the plan and run nothing");
  app.add_flag("--fail-fast", execution.fail_fast, "Cancel what runs as soon as a task fails");
  app.add_option("--context", execution.context, "Where commands run")
      ->type_name("host|container")
      ->check(OneOf({"host", "container"}));
}

void DeclareDisplay(CLI::App& app, DisplayArguments& display) {
  app.add_option("--progress", display.progress, "How progress is shown")
      ->type_name("auto|tty|plain|json|quiet")
      ->check(OneOf({"auto", "tty", "plain", "json", "quiet"}));
  app.add_flag("--no-color", display.no_color, "No colours");
  app.add_flag("--verbose", display.verbose, "Show all that tasks print");
  app.add_flag("-q,--quiet", display.quiet, "Only the output of tasks, and errors");
}

void DeclareGeneral(CLI::App& app, Arguments& arguments) {
  app.add_option("--project", arguments.project, "Folder of the project's nopo.yml")
      ->type_name("DIR");
  app.add_flag("--no-daemon", arguments.no_daemon,
               "Work through a daemon that ends with the command");
  app.add_flag("-V,--version", arguments.version, "Print the version");
  app.add_flag("-h,--help", arguments.help, "Print this");
}

void DeclareUp(CLI::App& app, UpArguments& up, RawValues& raw) {
  app.add_flag("--no-deps", up.no_deps, "Only the named services");
  app.add_flag("--no-wait", up.no_wait, "Do not wait until services are healthy");
  app.add_flag("--build", up.build, "Build images even when they look up to date");
  app.add_option("--timeout", up.timeout_seconds, "For each service, until it is healthy (120)")
      ->type_name("SECONDS")
      ->check(CLI::Validator(CLI::PositiveNumber).description(""));
  AllowOneValueEach(
      app.add_option("--scale", raw.scale, "Instances of a service")->type_name("NAME=N"));
}

void DeclareDown(CLI::App& app, DownArguments& down) {
  app.add_flag("-v,--volumes", down.volumes, "Also remove the project's volumes");
  app.add_flag("--rmi", down.images, "Also remove the images that were built");
  app.add_flag_callback(
      "--remove-orphans", [] {}, "Always done; accepted for Compose's sake");
}

void DeclareBuild(CLI::App& app, BuildArguments& build) {
  app.add_flag("--no-cache", build.no_cache, "Reuse nothing of earlier builds");
  app.add_flag("--pull", build.pull, "Look for newer base images");
  app.add_option("--output", build.output, "Write the list of images here, as JSON")
      ->type_name("FILE");
  app.add_option("--target", build.target_stage, "Stage of own Dockerfiles")->type_name("STAGE");
  AllowOneValueEach(app.add_option("--build-arg", build.build_args, "For Dockerfiles")
                        ->type_name("NAME[=VALUE]"));
}

void DeclareLogs(CLI::App& app, LogsArguments& logs) {
  app.add_flag("-f,--follow", logs.follow, "Go on until interrupted");
  app.add_option("-n,--tail", logs.tail, "Only the last lines of each")->type_name("LINES");
  app.add_flag("-t,--timestamps", logs.timestamps, "With the time of each line");
}

void DeclareList(CLI::App& app, Arguments& arguments, RawValues& raw) {
  app.add_option("-f,--format", arguments.display.format, "How the list is written")
      ->type_name("text|json|csv")
      ->check(OneOf({"text", "json", "csv"}));
  app.add_flag("--csv", raw.csv, "Names on one line");
  app.add_flag("-v,--validate", arguments.validate, "Only check the project's files");
}

// `-j` is short for --json where no tasks are run.
void DeclareJson(CLI::App& app, const std::string& verb, RawValues& raw) {
  app.add_flag(RunsTasks(verb) ? "--json" : "-j,--json", raw.json, "Print the result as JSON");
}

void Declare(CLI::App& app, Arguments& arguments, RawValues& raw) {
  const std::string& verb = arguments.verb;
  app.add_option("words", arguments.words)->group("");
  if (verb == "up") DeclareUp(app, arguments.up, raw);
  if (verb == "down") DeclareDown(app, arguments.down);
  if (verb == "build") DeclareBuild(app, arguments.build);
  if (verb == "logs" || verb == "daemon") DeclareLogs(app, arguments.logs);
  if (verb == "list") DeclareList(app, arguments, raw);
  if (verb == "status") app.add_flag("-d,--detailed", arguments.detailed, "With each container");
  DeclareJson(app, verb, raw);
  DeclareSelection(app, arguments.selection);
  DeclareExecution(app, verb, arguments.execution);
  DeclareDisplay(app, arguments.display);
  DeclareGeneral(app, arguments);
}

// The position of the first word that is neither an option nor an option's value.
size_t FindVerbPosition(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (!absl::StartsWith(words[i], "-")) return i;
    const bool has_value = std::find(kOptionsWithValue.begin(), kOptionsWithValue.end(),
                                     words[i]) != kOptionsWithValue.end();
    if (has_value) ++i;
  }
  return words.size();
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

absl::Status CheckRemaining(const CLI::App& app, const Arguments& arguments) {
  for (const std::string& word : app.remaining()) {
    const std::string name(word.substr(0, word.find('=')));
    const std::string command = arguments.verb.empty() ? "this command" : "nopo " + arguments.verb;
    return BadArguments(absl::StrCat("unknown option '", name, "' for ", command,
                                     DidYouMean(name, OptionNames(app))));
  }
  return absl::OkStatus();
}

absl::Status ReadScale(const std::vector<std::string>& raw, std::map<std::string, int>& scale) {
  for (const std::string& item : raw) {
    const std::vector<std::string> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    int count = 0;
    if (parts.size() != 2 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &count) || count < 0) {
      return BadArguments(absl::StrCat("--scale: '", item, "' is not of the form NAME=NUMBER"));
    }
    scale[parts[0]] = count;
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
    return BadArguments(ValueMissing(error.what()));
  } catch (const CLI::ParseError& error) {
    return BadArguments(error.what());
  }
}

absl::Status Complete(const RawValues& raw, Arguments& arguments) {
  if (raw.csv) arguments.display.format = "csv";
  if (raw.json) arguments.display.format = "json";
  SplitAtCommas(arguments.selection.filters);
  SplitAtCommas(arguments.selection.tags);
  if (arguments.words == std::vector<std::string>{"help"} && !arguments.verb.empty()) {
    arguments.help = true;
  }
  const bool is_command = arguments.verb.empty() && arguments.words.size() == 2;
  if (is_command && arguments.words[1] == "help") arguments.help = true;
  return ReadScale(raw.scale, arguments.up.scale);
}

}  // namespace

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& command_line) {
  Arguments arguments;
  const auto separator = std::find(command_line.begin(), command_line.end(), "--");
  std::vector<std::string> words(command_line.begin(), separator);
  if (separator != command_line.end()) {
    arguments.task_arguments.assign(separator + 1, command_line.end());
  }
  const size_t position = FindVerbPosition(words);
  if (position < words.size() && FindVerb(words[position]) != nullptr) {
    arguments.verb = words[position];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(position));
  }

  CLI::App app;
  RawValues raw;
  app.set_help_flag();
  app.allow_extras();
  Declare(app, arguments, raw);
  NOPO_RETURN_IF_ERROR(Parse(app, std::move(words)));
  NOPO_RETURN_IF_ERROR(CheckRemaining(app, arguments));
  NOPO_RETURN_IF_ERROR(Complete(raw, arguments));
  return arguments;
}

std::string VerbHelp(const std::string& verb) {
  Arguments arguments;
  arguments.verb = verb;
  RawValues raw;
  CLI::App app;
  app.set_help_flag();
  Declare(app, arguments, raw);
  std::string help;
  if (const VerbDescription* known = FindVerb(verb)) {
    help = absl::StrCat(known->summary, "\n\nUsage: ", known->usage, "\n");
  } else {
    help =
        "Run a command of the project\n\n"
        "Usage: nopo COMMAND [SUB...] [TARGET...] [OPTIONS] [-- ARGUMENT...]\n";
  }
  CLI::Formatter formatter;
  formatter.column_width(36);
  return help + formatter.make_groups(&app, CLI::AppFormatMode::Normal);
}

}  // namespace nopo
