#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/verbs.h"

namespace nopo {
namespace {

constexpr double kMostSeconds = 1e9;  // Thirty years.
constexpr int kMostLines = std::numeric_limits<int>::max();

// The complaint of a check that `value` does not pass.
std::string Unexpected(const std::string& value, absl::string_view expected) {
  return absl::StrCat("found '", value, "'; expected ", expected);
}

// These checks have no description: the help leaves it to the type's name.
std::function<std::string(const std::string&)> OneOf(const std::vector<std::string>& values) {
  return [values](const std::string& value) {
    const bool is_one = std::find(values.begin(), values.end(), value) != values.end();
    return is_one ? "" : Unexpected(value, absl::StrJoin(values, ", "));
  };
}

std::function<std::string(const std::string&)> WholeNumber(int least, int most,
                                                           const std::string& expected) {
  return [=](const std::string& value) {
    int number = 0;
    const bool fits = absl::SimpleAtoi(value, &number) && number >= least && number <= most;
    return fits ? "" : Unexpected(value, expected);
  };
}

std::string CheckSeconds(const std::string& value) {
  double seconds = 0;
  const bool fits = absl::SimpleAtod(value, &seconds) && seconds > 0 && seconds <= kMostSeconds;
  return fits ? "" : Unexpected(value, "a number of seconds above 0");
}

// An option that takes one of the values in `choice`, "text|json".
CLI::Option* AddChoice(CLI::App& app, const std::string& names, std::string& value,
                       const std::string& choice, const std::string& help) {
  return app.add_option(names, value, help)
      ->type_name(choice)
      ->check(OneOf(absl::StrSplit(choice, '|')));
}

// An option that may be repeated.
CLI::Option* AddList(CLI::App& app, const std::string& names, std::vector<std::string>& values,
                     const std::string& type, const std::string& help) {
  CLI::Option* option = app.add_option(names, values, help)->type_name(type);
  option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return option->allow_extra_args(false);
}

void DeclareSelection(CLI::App& app, SelectionArguments& selection) {
  AddList(app, "-F,--filter", selection.filters, "EXPR",
          "Only targets that match, e.g. has_database or cpu=2");
  AddList(app, "--tags", selection.tags, "TAGS", "Only targets with one of the tags: a,b");
  // An empty one, of a variable that is not set, would select everything.
  app.add_option("--since", selection.since, "What `changed` compares with")
      ->type_name("REF")
      ->check([](const std::string& reference) {
        return reference.empty() ? Unexpected("", "a branch, tag or commit") : "";
      });
}

void DeclareExecution(CLI::App& app, bool runs_tasks, ExecutionArguments& execution) {
  app.add_option(runs_tasks ? "-j,--jobs" : "--jobs", execution.jobs,
                 "Tasks at once (default: one per processor)")
      ->type_name("N")
      ->check(WholeNumber(1, 10000, "a number from 1 to 10000"));
  app.add_flag("--dry-run", execution.dry_run, "Print the plan and run nothing");
  app.add_flag("--fail-fast", execution.fail_fast, "Cancel what runs as soon as a task fails");
  AddChoice(app, "--context", execution.context, "host|container", "Where commands run");
}

// `-j` is short for --json where no tasks are run.
void DeclareJson(CLI::App& app, bool runs_tasks, DisplayArguments& display) {
  app.add_flag_callback(
      runs_tasks ? "--json" : "-j,--json", [&display] { display.format = "json"; },
      "Print the result as JSON");
  app.add_option_function<std::string>(
         "--jq",
         [&display](const std::string& filter) {
           display.format = "json";
           display.jq = filter;
         },
         "Print what a filter of jq makes of that JSON")
      ->type_name("FILTER");
}

void DeclareDisplay(CLI::App& app, DisplayArguments& display) {
  AddChoice(app, "--progress", display.progress, "auto|tty|plain|json|quiet",
            "How progress is shown");
  app.add_option("--trace", display.trace, "Write what took how long here, for Perfetto")
      ->type_name("FILE");
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

void ReadScale(const std::vector<std::string>& items, std::map<std::string, int>& scale) {
  for (const std::string& item : items) {
    const std::vector<std::string> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    int count = 0;
    if (parts.size() != 2 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &count) || count < 0) {
      throw CLI::ValidationError("--scale",
                                 absl::StrCat("'", item, "' is not of the form NAME=NUMBER"));
    }
    scale[parts[0]] = count;
  }
}

void DeclareDockerfileOptions(CLI::App& app, BuildArguments& build) {
  app.add_option("--target", build.target_stage, "Stage of own Dockerfiles")->type_name("STAGE");
  AddList(app, "--build-arg", build.build_args, "NAME[=VALUE]", "For Dockerfiles");
}

// Whether an option that every verb accepts makes a difference to `verb`.
bool Applies(const std::string& name, const Verb& verb) {
  const auto is_one_of = [&](std::initializer_list<absl::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (is_one_of({"--filter", "--tags", "--since"})) return verb.selects_targets();
  if (is_one_of({"--jobs", "--dry-run", "--fail-fast", "--context"})) return verb.runs_tasks;
  if (is_one_of({"--progress", "--verbose", "--quiet"})) return verb.shows_progress();
  return verb.needs_daemon || is_one_of({"--help", "--version"});
}

std::vector<CLI::Option*> AllOptions(CLI::App& app) {
  return app.get_options([](const CLI::Option*) { return true; });
}

// Sorts what the help shows: the verb's own options, which are declared already, and the others.
void DeclareCommonOptions(const Verb& verb, CLI::App& app, Arguments& arguments) {
  const size_t own = AllOptions(app).size();
  DeclareSelection(app, arguments.selection);
  DeclareExecution(app, verb.runs_tasks, arguments.execution);
  if (verb.prints_json) DeclareJson(app, verb.runs_tasks, arguments.display);
  DeclareDisplay(app, arguments.display);
  DeclareGeneral(app, arguments);
  const std::vector<CLI::Option*> options = AllOptions(app);
  for (size_t i = own; i < options.size(); ++i) {
    options[i]->group(Applies(options[i]->get_name(), verb) ? "Common options" : "");
  }
}

}  // namespace

void DeclareUpOptions(CLI::App& app, Arguments& arguments) {
  UpArguments& up = arguments.up;
  app.add_flag("--no-deps", up.no_deps, "Only the named services");
  app.add_flag("--no-wait", up.no_wait, "Do not wait until services are healthy");
  app.add_flag("--build", up.build, "Build images even when they look up to date");
  app.add_flag("--pull", up.pull, "Look for newer images, of services and to build on");
  app.add_option("--timeout", up.timeout_seconds, "For each service, until it is healthy (120)")
      ->type_name("SECONDS")
      ->check(CheckSeconds);
  AddChoice(app, "--sync", up.sync, "auto|offline|online|skip", "How dependencies are fetched");
  app.add_option_function<std::vector<std::string>>(
         "--scale", [&up](const std::vector<std::string>& items) { ReadScale(items, up.scale); },
         "Instances of a service")
      ->type_name("NAME=N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void DeclareDownOptions(CLI::App& app, Arguments& arguments) {
  app.add_flag("-v,--volumes", arguments.down.volumes, "Also remove the project's volumes");
  app.add_flag("--rmi", arguments.down.images, "Also remove the images that were built");
  app.add_flag_callback(
      "--remove-orphans", [] {}, "Always done; accepted for Compose's sake");
}

void DeclareBuildOptions(CLI::App& app, Arguments& arguments) {
  BuildArguments& build = arguments.build;
  app.add_flag("--no-cache", build.no_cache, "Reuse nothing of earlier builds");
  app.add_flag("--pull", build.pull, "Look for newer base images");
  app.add_flag("--push", build.push, "Push the images to their registries");
  AddList(app, "--cache-from", build.cache_from, "CACHE",
          "Read this cache too: type=registry,ref=...");
  AddList(app, "--cache-to", build.cache_to, "CACHE", "Write this cache: type=registry,ref=...");
  app.add_option("--output", build.output, "Write the list of images here, as JSON")
      ->type_name("FILE");
  app.add_flag("--print", build.print, "Only show what would be built, and of what");
  DeclareDockerfileOptions(app, build);
}

void DeclareWhyOptions(CLI::App& app, Arguments& arguments) {
  DeclareDockerfileOptions(app, arguments.build);
}

void DeclareBuildsOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("-n,--limit", arguments.build.limit, "The newest so many (20)")
      ->type_name("NUMBER")
      ->check(WholeNumber(1, kMostLines, "a number above 0"));
}

void DeclarePullOptions(CLI::App& app, Arguments& arguments) {
  app.add_flag("--force", arguments.pull.force,
               "Also what the engine has under the digest in its name");
}

void DeclareEnvOptions(CLI::App& app, Arguments& arguments) {
  app.add_flag("-d,--diff", arguments.env.diff, "Only print what would change");
  app.add_flag("-f,--force", arguments.env.force,
               "Compute everything anew, the port and the images' names included");
  app.add_option("--explain", arguments.env.explain,
                 "Tell where the value of a variable comes from")
      ->type_name("KEY");
}

void DeclareExecOptions(CLI::App& app, Arguments& arguments) {
  ExecArguments& exec = arguments.exec;
  app.add_option("--index", exec.index, "Which of its containers (the first that runs)")
      ->type_name("N")
      ->check(CLI::Validator(CLI::PositiveNumber).description(""));
  AddList(app, "-e,--env", exec.env, "NAME[=VALUE]", "Variable of the command")
      ->check([](const std::string& variable) {
        return variable.empty() || variable[0] == '='
                   ? absl::StrCat("found '", variable, "'; expected NAME or NAME=VALUE")
                   : "";
      });
  app.add_option("-w,--workdir", exec.working_dir, "Where it runs, in the container")
      ->type_name("PATH");
  app.add_option("-u,--user", exec.user, "Who runs it, in the container")
      ->type_name("USER[:GROUP]");
  app.add_flag("-T,--no-tty", exec.no_terminal, "Without a terminal, also where there is one");
  app.add_flag("-d,--detach", exec.detach, "Only start it");
  app.add_flag("--privileged", exec.privileged, "With all rights that the engine can give");
  app.add_flag_callback(
      "-i,--interactive", [] {}, "Always done; accepted for Docker's sake");
  app.add_flag_callback(
      "-t,--tty", [] {}, "Done at a terminal; accepted for Docker's sake");
}

void DeclareListOptions(CLI::App& app, Arguments& arguments) {
  AddChoice(app, "-f,--format", arguments.display.format, "text|json|csv",
            "How the list is written");
  app.add_flag_callback(
      "--csv", [&arguments] { arguments.display.format = "csv"; }, "Names on one line");
  app.add_flag("-v,--validate", arguments.validate, "Only check the project's files");
}

void DeclareGraphOptions(CLI::App& app, Arguments& arguments) {
  AddChoice(app, "-f,--format", arguments.display.format, "dot|mermaid|json|svg",
            "How the graph is written (dot)");
}

void DeclareStatusOptions(CLI::App& app, Arguments& arguments) {
  app.add_flag("-d,--detailed", arguments.detailed, "With each container");
}

void DeclareLogsOptions(CLI::App& app, Arguments& arguments) {
  LogsArguments& logs = arguments.logs;
  app.add_flag("-f,--follow", logs.follow, "Go on until interrupted");
  app.add_option("-n,--tail", logs.tail, "Only the last lines of each")
      ->type_name("LINES")
      ->check(WholeNumber(0, kMostLines, "a number of lines, 0 or more"));
  app.add_flag("-t,--timestamps", logs.timestamps, "With the time of each line");
}

void DeclareOptions(const Verb& verb, CLI::App& app, Arguments& arguments) {
  app.set_help_flag();
  app.add_option("words", arguments.words)->group("");
  if (verb.declare != nullptr) verb.declare(app, arguments);
  DeclareCommonOptions(verb, app, arguments);
  for (CLI::Option* option : AllOptions(app)) {
    if (option->get_items_expected_max() == 0) option->disable_flag_override();
  }
}

std::vector<OptionDescription> OptionsOf(const Verb& verb) {
  Arguments unused;
  CLI::App app;
  DeclareOptions(verb, app, unused);
  std::vector<OptionDescription> options;
  for (const CLI::Option* declared : app.get_options()) {
    if (declared->get_positional()) continue;
    OptionDescription option{.help = declared->get_description(),
                             .applies = !declared->get_group().empty()};
    for (const std::string& name : declared->get_snames()) option.names.push_back("-" + name);
    for (const std::string& name : declared->get_lnames()) option.names.push_back("--" + name);
    if (declared->get_items_expected_max() > 0) option.value = declared->get_type_name();
    options.push_back(std::move(option));
  }
  return options;
}

std::optional<OptionDescription> FindOption(const Verb* verb, const std::string& word) {
  std::vector<const Verb*> verbs = {verb};
  if (verb == nullptr) {
    if (!absl::StartsWith(word, "--") && word != "-F") return std::nullopt;
    verbs = BuiltInVerbs();
    verbs.insert(verbs.begin(), &VerbOf({}));  // First: it has those of all, which are likeliest.
  }
  for (const Verb* candidate : verbs) {
    for (OptionDescription& option : OptionsOf(*candidate)) {
      if (std::find(option.names.begin(), option.names.end(), word) != option.names.end()) {
        return std::move(option);
      }
    }
  }
  return std::nullopt;
}

std::string OptionsHelp(const Verb& verb) {
  Arguments unused;
  CLI::App app;
  DeclareOptions(verb, app, unused);
  CLI::Formatter formatter;
  formatter.column_width(36);
  return absl::StrReplaceAll(formatter.make_groups(&app, CLI::AppFormatMode::Normal),
                             {{"\n\n\n", "\n\n"}});
}

}  // namespace nopo
