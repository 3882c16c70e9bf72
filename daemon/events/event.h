// What an operation tells its client, as it happens: past facts, in order.
//
// Every operation speaks in these and nothing else, so that progress display, JSON output, timing
// and history exist once. proto/nopo/v1/event.proto is the same model on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

// The tasks that the operation will run, before the first of them starts.
struct PlanReady {
  struct Task {
    std::string name;                     // "web:build"
    std::vector<std::string> depends_on;  // Names of tasks in the same plan.
    std::string reason;                   // Why it is in the plan: "requested", "web needs it".
  };
  std::vector<Task> tasks;
};

struct TaskStarted {
  std::string task;
};

// A piece of what a task printed. Any bytes; not aligned to lines or characters.
struct TaskOutput {
  enum class Stream { kStdout, kStderr };
  std::string task;
  Stream stream = Stream::kStdout;
  std::string data;
};

// From now until it finishes, `task` has the client's terminal: what it prints are the bytes for
// it.
struct TerminalAttached {
  std::string task;
  bool plain = false;  // The client's standard streams instead, as they are.
};

// Where a running task is. Steps are the parts a task reports by itself: BuildKit's vertices, a
// service's create, start and wait. The last one reported for (task, step) counts.
struct TaskProgress {
  std::string task;
  std::string step;     // Stable within the task; "" for the task as a whole.
  std::string message;  // "[2/4] COPY . /app", "waiting for health".
  int64_t current = 0;  // Units done, for a bar; bytes in a transfer.
  int64_t total = 0;    // 0 when unknown.
  bool cached = false;  // The step's result was reused.
  bool done = false;
};

enum class TaskOutcome {
  kSucceeded,
  kUpToDate,  // There was nothing to do.
  kFailed,
  kSkipped,  // A dependency failed, so it never started.
  kCancelled,
};
absl::string_view TaskOutcomeName(TaskOutcome outcome);  // "up-to-date"

struct TaskFinished {
  std::string task;
  TaskOutcome outcome = TaskOutcome::kSucceeded;
  std::string reason;  // What was done and why: "created: no container", "unchanged".
  absl::Duration duration;
  int exit_code = 0;                    // Of a command that failed.
  std::string error;                    // kFailed: one readable line.
  std::vector<std::string> last_lines;  // kFailed: lines of the Dockerfile, the end of its log.
};

// A line for the user that belongs to no task.
struct LogWritten {
  enum class Level { kDebug, kInfo, kWarning, kError };
  Level level = Level::kInfo;
  std::string area;  // Of a kDebug line: "build", "service:web".
  std::string message;
};

// A part of the operation is over: "plan", "engine snapshot". Only where the client wants phases.
// The event's time is the end.
struct PhaseEnded {
  std::string name;
  absl::Duration duration;
};

// A round of an operation that goes on with another one when something changes is over. What the
// round tells, its ResultReady included, comes before it.
struct RoundEnded {
  absl::Status outcome;
  int targets = 0;    // Whose files are watched.
  bool last = false;  // No change is waited for: the operation is about to fail.
};

// The last event of an operation that ran to its end.
struct ResultReady {
  std::string summary;  // Lines for people: counts, URLs.
  std::string output;   // The answer as text, for stdout: the stages of a dry run.
  std::string json;     // The answer as the object that --json prints; "" when there is none.
};

struct Event {
  absl::Time time;
  std::variant<PlanReady, TaskStarted, TaskOutput, TaskProgress, TaskFinished, LogWritten,
               PhaseEnded, ResultReady, TerminalAttached, RoundEnded>
      fact;
};

}  // namespace nopo
