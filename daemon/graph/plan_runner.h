// Runs a plan: starts each task as soon as its own dependencies are done.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan.h"

namespace nopo {

// What one task did.
struct TaskResult {
  absl::Status status;                  // Not OK: the task failed (or was cancelled).
  std::string reason;                   // "created: no container"; see TaskFinished.
  bool up_to_date = false;              // Nothing had to be done.
  std::vector<std::string> last_lines;  // Of a failure: the end of its log.
};

// What a running task is given.
struct TaskContext {
  EventSink& events;  // For output and progress; start and finish are the runner's to report.
  const Cancellation& cancellation;
  // Releases the dependents that only need this task to be under way. May be called once, or never.
  std::function<void()> under_way;
};

// Does one task's work; blocks until it is done. Called on a thread of the runner or on the one
// that called RunPlan. A CANCELLED status after `cancellation` fired means "was stopped".
using TaskBody = std::function<TaskResult(const TaskContext& context)>;

struct RunOptions {
  int jobs = 1;            // Tasks at once, at least 1; those that only wait do not count.
  bool fail_fast = false;  // Cancel what runs as soon as one task fails.
};

// How each task ended, in the order in which they did.
struct RunSummary {
  struct Entry {
    std::string task;
    TaskOutcome outcome;
    absl::Status status;
    std::string reason;
    absl::Duration duration;
    std::vector<std::string> last_lines;
  };
  std::vector<Entry> entries;
  bool cancelled = false;  // By the caller (not by fail_fast), with tasks left unfinished.

  int CountOf(TaskOutcome outcome) const;
  const Entry* Find(absl::string_view task) const;
  // OK when every task succeeded; CANCELLED when the run was cancelled; the failed task's own
  // status (with its reason and exit code), its message prefixed "web:lint: ", when one failed;
  // else one that counts and names them, with the code and reason they share if they share one,
  // else FAILED_PRECONDITION and TASK_FAILED.
  absl::Status Outcome() const;
};

// Publishes PlanReady, runs every task of `plan`, and returns when the last has ended.
//
// A failed task's dependents are skipped, with the reason "api:build failed" (the task that began
// it); independent tasks still start, unless `fail_fast`. Once `cancellation` fires no task starts,
// and those that run are cancelled and waited for; what never started is reported cancelled too.
// Of the tasks that could start the first of the plan does. `bodies` has one for each task. Works
// on up to `jobs` threads, this one among them; the others are joined before returning.
RunSummary RunPlan(const Plan& plan, const std::map<std::string, TaskBody>& bodies,
                   const RunOptions& options, EventSink& events, const Cancellation& cancellation);

}  // namespace nopo
