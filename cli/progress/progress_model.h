// What an operation's events add up to: each task, whether it runs, and where it is.
//
// Knows nothing of terminals; the live view is DrawFrame(model, size, now). Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

namespace v1 {
class Event;
class TaskFinished;
class TaskOutput;
class TaskProgress;
}  // namespace v1

enum class TaskState {
  kWaiting,
  kRunning,
  kSucceeded,
  kUpToDate,
  kFailed,
  kSkipped,
  kCancelled,
};

struct TaskView {
  std::string name;  // "web:build"
  TaskState state = TaskState::kWaiting;
  absl::Time started = absl::InfinitePast();
  absl::Duration duration;              // Once finished.
  std::string detail;                   // While running: its latest step or line.
  std::string reason;                   // Once finished: what was done and why.
  std::string error;                    // kFailed.
  int exit_code = 0;                    // kFailed, of a command.
  std::vector<std::string> last_lines;  // kFailed: the end of its log.
};

class ProgressModel {
 public:
  // `now` dates what the event says has just happened.
  void Apply(const v1::Event& event, absl::Time now);

  // In the plan's order; tasks that no plan announced follow in the order they started.
  const std::vector<TaskView>& tasks() const { return tasks_; }
  // Null for a task not seen yet.
  const TaskView* Find(absl::string_view name) const;
  int Count(TaskState state) const;
  // Tasks that will not change any more.
  int FinishedCount() const;
  // When the first event came; InfiniteFuture before it.
  absl::Time started() const { return started_; }
  // Of ResultReady; empty until then.
  const std::string& summary() const { return summary_; }

 private:
  TaskView& FindOrAdd(const std::string& name);
  void Finish(const v1::TaskFinished& finished);
  void Read(const v1::TaskOutput& output);
  void Read(const v1::TaskProgress& progress);

  std::vector<TaskView> tasks_;
  std::map<std::string, size_t, std::less<>> index_;
  std::map<std::string, std::string> partial_lines_;  // By task: printed, not yet ended.
  absl::Time started_ = absl::InfiniteFuture();
  std::string summary_;
};

// What a task is doing, on one line: "CACHED [2/4] COPY . /app", "pulling base 12.0 of 40.0 MB".
std::string StepText(const v1::TaskProgress& progress);

}  // namespace nopo
