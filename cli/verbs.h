// The verbs: the one table that parsing, dispatch, help and completion read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/arguments.h"
#include "cli/subcommands/invocation.h"

namespace CLI {
class App;
}

namespace nopo {

// What the words behind a verb are.
enum class WordKind {
  kNone,
  kTargets,
  kServices,     // Targets that are services.
  kCommand,      // One of the project's commands, its sub-commands, then targets.
  kChoice,       // One of those that `Verb::words` lists: "start|stop".
  kCommandLine,  // A target, then a command line of which nothing is nopo's.
  kVerb,         // A verb, or one of the project's commands with its sub-commands.
};

struct Verb {
  absl::string_view name;  // Empty for the project's own commands.
  WordKind word_kind = WordKind::kNone;
  absl::string_view words;    // Of the usage: "[TARGET...]", "start|stop".
  absl::string_view summary;  // One line, no full stop.
  Subcommand run = nullptr;
  void (*declare)(CLI::App&, Arguments&) = nullptr;  // Its own options; null: none.
  bool runs_tasks = false;                           // -j is --jobs, else --json.
  bool prints_json = true;                           // It has --json and --jq.
  bool needs_daemon = true;
  absl::string_view examples;  // Of its help: a command and what it does, a line each.

  // Words of it choose targets, and so do --filter and the like.
  bool selects_targets() const;
  // It shows what goes on, in one of the modes of --progress.
  bool shows_progress() const { return runs_tasks || (selects_targets() && !prints_json); }
  // "nopo up [TARGET...] [OPTIONS]"
  std::string Usage() const;
};

// The built-ins of this version, in the order of the help.
std::vector<const Verb*> BuiltInVerbs();
std::vector<std::string> BuiltInVerbNames();
// Finds names that are kept for later too, so that they never mean a project's command. Null for
// any other word.
const Verb* FindVerb(absl::string_view name);
// The built-in that `arguments` name, or what stands for the project's own commands.
const Verb& VerbOf(const Arguments& arguments);

}  // namespace nopo
