// When the parts of an operation began and ended, on both sides: what the table of DEBUG=timing and
// the trace of --trace are drawn from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

namespace v1 {
class Event;
class TaskProgress;
}  // namespace v1

// When it happened, by the daemon's clock.
absl::Time TimeOf(const v1::Event& event);

struct TimedSpan {
  std::string name;
  absl::Time start, end;

  absl::Duration Took() const { return end - start; }
};

// A part of a task: a step of a build, a container that is created. Whole as soon as it has begun:
// its end is the task's until its own is known.
struct TimedStep {
  TimedSpan span;
  bool cached = false;
  bool done = false;
};

struct TimedTask {
  TimedSpan span;  // Empty, at the time of its end, for one that never started.
  std::vector<std::string> depends_on;
  std::string plan_reason;       // Why it is in the plan.
  std::string outcome;           // "succeeded"; "running" until it has ended, "waiting" before.
  std::string reason;            // What was done and why, or the error.
  std::vector<TimedStep> steps;  // In the order in which they began.

  bool HasRun() const { return span.end > span.start; }
};

// Not thread-safe.
class Timeline {
 public:
  void Apply(const v1::Event& event);
  // A phase of this process.
  void AddPhase(TimedSpan phase) { cli_phases_.push_back(std::move(phase)); }

  const std::vector<TimedSpan>& cli_phases() const { return cli_phases_; }
  const std::vector<TimedSpan>& daemon_phases() const { return daemon_phases_; }
  // In the order of the plan.
  const std::vector<TimedTask>& tasks() const { return tasks_; }
  // Of all that is known; InfiniteFuture when nothing is.
  absl::Time Start() const;

 private:
  TimedTask& FindOrAdd(const std::string& name);
  void ApplyProgress(const v1::TaskProgress& progress, absl::Time time);
  void Finish(TimedTask& task, absl::Time time);

  std::vector<TimedSpan> cli_phases_, daemon_phases_;
  std::vector<TimedTask> tasks_;
  // Name -> index in tasks_; "TASK\nSTEP" -> index in the task's steps.
  std::map<std::string, size_t> positions_;
};

// The tasks that the operation's duration hangs on, first to last: from the one that ended last
// back to the dependency that ended last before it began, and so on. Positions in `tasks`.
std::vector<size_t> CriticalPath(const std::vector<TimedTask>& tasks);

}  // namespace nopo
