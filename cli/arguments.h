// The command line, understood.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nopo {

// Which of the targets a command means.
struct SelectionArguments {
  std::vector<std::string> filters;
  std::vector<std::string> tags;
  std::string since;
};

// How tasks are run.
struct ExecutionArguments {
  int jobs = 0;  // 0 = one per processor.
  bool dry_run = false;
  bool fail_fast = false;
  std::string context;  // "host", "container" or empty.
};

// What the user sees.
struct DisplayArguments {
  std::string progress = "auto";  // auto tty plain json quiet
  bool no_color = false;
  bool verbose = false;
  bool quiet = false;
  std::string format = "text";  // Of the result: text json csv, or dot mermaid json svg.
  std::string jq;               // Filter for the JSON; empty: none.
  std::string trace;            // A file, as typed.
};

struct UpArguments {
  bool no_deps = false;
  bool no_wait = false;
  bool build = false;
  bool pull = false;
  double timeout_seconds = 0;  // 0 = the daemon's default.
  std::string sync = "auto";   // auto offline online skip
  std::map<std::string, int> scale;
};

struct DownArguments {
  bool volumes = false;
  bool images = false;
};

struct BuildArguments {
  bool no_cache = false;
  bool pull = false;
  bool push = false;
  std::vector<std::string> cache_from, cache_to;
  std::string output;  // As typed.
  std::string target_stage;
  std::vector<std::string> build_args;  // "K=V", or "K" for the caller's own value.
  bool print = false;
  int limit = 0;  // builds; 0 = the daemon's default.
};

struct PullArguments {
  bool force = false;
};

struct EnvArguments {
  bool diff = false;
  bool force = false;
  std::string explain;  // A key; empty = none.
};

struct LogsArguments {
  bool follow = false;
  int tail = -1;  // Negative = all.
  bool timestamps = false;
};

struct ExecArguments {
  int index = 0;                 // 0 = the first container that runs.
  std::vector<std::string> env;  // As build_args.
  std::string working_dir, user;
  bool privileged = false;
  bool no_terminal = false;
  bool detach = false;
};

struct Arguments {
  // A built-in command; empty for one of the project's, which is then words[0].
  std::string verb;
  std::vector<std::string> words;           // What is no option: targets, a command and its parts.
  std::vector<std::string> task_arguments;  // What followed "--"; exec: the command line.
  bool help = false;
  bool version = false;
  bool no_daemon = false;
  std::string project;  // --project as typed.

  SelectionArguments selection;
  ExecutionArguments execution;
  DisplayArguments display;
  UpArguments up;
  DownArguments down;
  BuildArguments build;
  PullArguments pull;
  EnvArguments env;
  LogsArguments logs;
  ExecArguments exec;
  bool validate = false;  // list
  bool detailed = false;  // status
};

// Reads what followed the program's name. Options may stand anywhere; which of them exist depends
// on the command. Those of one that takes a whole command line stand before that.
//
// Errors, each naming the offender and what was probably meant:
//   INVALID_ARGUMENT  BAD_ARGUMENTS: an unknown option, or a value it does not take
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& command_line);

}  // namespace nopo
