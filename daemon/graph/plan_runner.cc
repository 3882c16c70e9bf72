#include "daemon/graph/plan_runner.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/mutex.h"

namespace nopo {
namespace {

TaskFinished FinishedEvent(const RunSummary::Entry& entry) {
  TaskFinished event;
  event.task = entry.task;
  event.outcome = entry.outcome;
  event.reason = entry.reason;
  event.duration = entry.duration;
  event.last_lines = entry.last_lines;
  if (entry.outcome == TaskOutcome::kFailed) {
    event.error = std::string(entry.status.message());
    event.exit_code = TaskExitCodeOf(entry.status).value_or(0);
  }
  return event;
}

PlanReady ReadyEvent(const Plan& plan) {
  PlanReady event;
  for (const Task& task : plan.tasks()) {
    event.tasks.push_back({task.name, task.depends_on, task.reason});
  }
  return event;
}

// Threads for tasks that only wait.
constexpr size_t kMaxWaiting = 128;

// One run. Tasks are known by their position in the plan.
class PlanRun {
 public:
  PlanRun(const Plan& plan, const std::map<std::string, TaskBody>& bodies,
          const RunOptions& options, EventSink& events, const Cancellation& cancellation);
  ~PlanRun();

  RunSummary Run() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Stage { kWaiting, kRunning, kEnded };
  struct Progress {
    Stage stage = Stage::kWaiting;
    bool under_way = false;          // Has said so.
    size_t unmet = 0;                // Dependencies that have not got as far as needed.
    std::vector<size_t> dependents;  // Ascending.
  };

  // What a thread does: takes ready tasks until none is left to come.
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks for a task to run; empty when all have ended or are taken for good.
  std::optional<size_t> TakeTask() ABSL_LOCKS_EXCLUDED(mutex_);
  // The first ready task for which there is a job, if it needs one.
  std::set<size_t>::iterator NextStartableLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RunSummary::Entry RunTask(size_t position);
  void ReleaseUnderWay(size_t position) ABSL_LOCKS_EXCLUDED(mutex_);
  // True when `dependent` waits no longer for `position`, although that may still run.
  bool IsReleasedLocked(size_t position, size_t dependent) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MeetLocked(size_t dependent) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(size_t position, RunSummary::Entry entry) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends all that waits for `position`, however indirectly.
  std::vector<RunSummary::Entry> SkipDependentsLocked(size_t position)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends all tasks that have not started.
  std::vector<RunSummary::Entry> DropWaitingLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLocked(size_t position, RunSummary::Entry entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish(const std::vector<RunSummary::Entry>& entries);

  const Plan& plan_;
  const std::map<std::string, TaskBody>& bodies_;
  const RunOptions options_;
  EventSink& events_;
  const Cancellation& caller_cancellation_;
  Cancellation cancellation_;  // Fires with the caller's, or when fail_fast strikes.

  Mutex mutex_;
  CondVar changed_;
  std::vector<Progress> progress_ ABSL_GUARDED_BY(mutex_);
  std::set<size_t> ready_ ABSL_GUARDED_BY(mutex_);  // Not started, nothing unmet.
  int working_ ABSL_GUARDED_BY(mutex_) = 0;         // Running tasks that take a job.
  size_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string fatal_task_ ABSL_GUARDED_BY(mutex_);  // The one whose failure made fail_fast strike.
  RunSummary summary_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

PlanRun::PlanRun(const Plan& plan, const std::map<std::string, TaskBody>& bodies,
                 const RunOptions& options, EventSink& events, const Cancellation& cancellation)
    : plan_(plan),
      bodies_(bodies),
      options_(options),
      events_(events),
      caller_cancellation_(cancellation),
      cancellation_(cancellation),
      progress_(plan.tasks().size()) {
  std::map<absl::string_view, size_t> positions;
  for (size_t i = 0; i < progress_.size(); ++i) {
    const Task& task = plan.tasks()[i];
    positions[task.name] = i;
    progress_[i].unmet = task.depends_on.size();
    if (task.depends_on.empty()) ready_.insert(i);
    for (const std::string& dependency : task.depends_on) {
      progress_[positions[dependency]].dependents.push_back(i);
    }
  }
}

PlanRun::~PlanRun() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

RunSummary PlanRun::Run() {
  events_.Report(ReadyEvent(plan_));
  const std::vector<Task>& tasks = plan_.tasks();
  const size_t waiting =
      std::count_if(tasks.begin(), tasks.end(), [](const Task& task) { return task.waits; });
  const size_t workers =
      std::min(std::max(options_.jobs, 1) + std::min(waiting, kMaxWaiting), tasks.size());
  while (threads_.size() + 1 < workers) {
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      break;  // No more threads to be had: those there are do the work.
    }
  }
  Work();
  for (std::thread& thread : threads_) thread.join();
  MutexLock lock(mutex_);
  return std::move(summary_);
}

void PlanRun::Work() {
  while (const std::optional<size_t> position = TakeTask()) {
    events_.Report(TaskStarted{plan_.tasks()[*position].name});
    Finish(*position, RunTask(*position));
  }
}

std::optional<size_t> PlanRun::TakeTask() {
  std::vector<RunSummary::Entry> dropped;
  {
    MutexLock lock(mutex_);
    auto next = ready_.end();
    while (!cancellation_.IsCancelled() || ready_.empty()) {
      next = NextStartableLocked();
      if (next != ready_.end() || ended_ == progress_.size()) break;
      changed_.Wait(mutex_);
    }
    if (ready_.empty()) return std::nullopt;
    if (!cancellation_.IsCancelled()) {
      const size_t position = *next;
      ready_.erase(next);
      progress_[position].stage = Stage::kRunning;
      if (!plan_.tasks()[position].waits) ++working_;
      return position;
    }
    dropped = DropWaitingLocked();
  }
  Publish(dropped);
  return std::nullopt;
}

std::set<size_t>::iterator PlanRun::NextStartableLocked() {
  const bool has_job = working_ < std::max(options_.jobs, 1);
  return std::find_if(ready_.begin(), ready_.end(),
                      [&](size_t position) { return has_job || plan_.tasks()[position].waits; });
}

RunSummary::Entry PlanRun::RunTask(size_t position) {
  const Task& task = plan_.tasks()[position];
  const auto start = std::chrono::steady_clock::now();
  const auto body = bodies_.find(task.name);
  TaskResult result;
  if (body == bodies_.end()) {
    result.status = absl::InternalError(absl::StrCat("nobody knows how to run ", task.name));
  } else {
    result = body->second(TaskContext{
        .events = events_, .cancellation = cancellation_, .under_way = [this, position] {
          ReleaseUnderWay(position);
        }});
  }
  RunSummary::Entry entry{
      .task = task.name,
      .outcome = result.up_to_date ? TaskOutcome::kUpToDate : TaskOutcome::kSucceeded,
      .status = std::move(result.status),
      .reason = std::move(result.reason)};
  entry.duration = absl::FromChrono(std::chrono::steady_clock::now() - start);
  if (!entry.status.ok()) {
    const bool stopped = absl::IsCancelled(entry.status) && cancellation_.IsCancelled();
    entry.outcome = stopped ? TaskOutcome::kCancelled : TaskOutcome::kFailed;
    entry.last_lines = std::move(result.last_lines);
  }
  return entry;
}

void PlanRun::ReleaseUnderWay(size_t position) {
  MutexLock lock(mutex_);
  if (progress_[position].under_way) return;
  progress_[position].under_way = true;
  for (const size_t dependent : progress_[position].dependents) {
    if (IsReleasedLocked(position, dependent)) MeetLocked(dependent);
  }
  changed_.NotifyAll();
}

bool PlanRun::IsReleasedLocked(size_t position, size_t dependent) const {
  if (!progress_[position].under_way) return false;
  const std::vector<std::string>& names = plan_.tasks()[dependent].after_under_way;
  return std::find(names.begin(), names.end(), plan_.tasks()[position].name) != names.end();
}

void PlanRun::MeetLocked(size_t dependent) {
  Progress& progress = progress_[dependent];
  if (--progress.unmet == 0 && progress.stage == Stage::kWaiting) ready_.insert(dependent);
}

void PlanRun::Finish(size_t position, RunSummary::Entry entry) {
  const bool failed = entry.outcome == TaskOutcome::kFailed;
  if (failed && options_.fail_fast) {
    {
      MutexLock lock(mutex_);
      if (fatal_task_.empty()) fatal_task_ = entry.task;
    }
    cancellation_.Cancel();
  } else if (entry.outcome == TaskOutcome::kCancelled && entry.reason.empty()) {
    MutexLock lock(mutex_);
    if (!fatal_task_.empty()) entry.reason = absl::StrCat("stopped: ", fatal_task_, " failed");
  }
  // Before a dependent can start, so that the reader sees the end first.
  events_.Report(FinishedEvent(entry));
  std::vector<RunSummary::Entry> skipped;
  {
    MutexLock lock(mutex_);
    const bool well = entry.status.ok();
    EndLocked(position, std::move(entry));
    if (failed) skipped = SkipDependentsLocked(position);
    if (!plan_.tasks()[position].waits) --working_;
    for (const size_t dependent : progress_[position].dependents) {
      if (well && !IsReleasedLocked(position, dependent)) MeetLocked(dependent);
    }
    if (cancellation_.IsCancelled()) {
      for (RunSummary::Entry& dropped : DropWaitingLocked()) skipped.push_back(std::move(dropped));
    }
    changed_.NotifyAll();
  }
  Publish(skipped);
}

std::vector<RunSummary::Entry> PlanRun::SkipDependentsLocked(size_t position) {
  const std::string reason = absl::StrCat(plan_.tasks()[position].name, " failed");
  std::set<size_t> pending;
  for (const size_t dependent : progress_[position].dependents) {
    if (!IsReleasedLocked(position, dependent)) pending.insert(dependent);
  }
  std::vector<RunSummary::Entry> skipped;
  while (!pending.empty()) {
    const size_t next = *pending.begin();
    pending.erase(pending.begin());
    if (progress_[next].stage != Stage::kWaiting) continue;
    skipped.push_back({.task = plan_.tasks()[next].name,
                       .outcome = TaskOutcome::kSkipped,
                       .status = absl::FailedPreconditionError(reason),
                       .reason = reason});
    EndLocked(next, skipped.back());
    pending.insert(progress_[next].dependents.begin(), progress_[next].dependents.end());
  }
  return skipped;
}

std::vector<RunSummary::Entry> PlanRun::DropWaitingLocked() {
  std::vector<RunSummary::Entry> dropped;
  for (size_t i = 0; i < progress_.size(); ++i) {
    if (progress_[i].stage != Stage::kWaiting) continue;
    const std::string reason =
        fatal_task_.empty() ? "not started" : absl::StrCat("not started: ", fatal_task_, " failed");
    dropped.push_back({.task = plan_.tasks()[i].name,
                       .outcome = TaskOutcome::kCancelled,
                       .status = absl::CancelledError("cancelled"),
                       .reason = reason});
    EndLocked(i, dropped.back());
  }
  ready_.clear();
  changed_.NotifyAll();
  return dropped;
}

void PlanRun::EndLocked(size_t position, RunSummary::Entry entry) {
  progress_[position].stage = Stage::kEnded;
  ++ended_;
  if (entry.outcome == TaskOutcome::kCancelled && caller_cancellation_.IsCancelled()) {
    summary_.cancelled = true;
  }
  summary_.entries.push_back(std::move(entry));
}

void PlanRun::Publish(const std::vector<RunSummary::Entry>& entries) {
  for (const RunSummary::Entry& entry : entries) events_.Report(FinishedEvent(entry));
}

}  // namespace

RunSummary RunPlan(const Plan& plan, const std::map<std::string, TaskBody>& bodies,
                   const RunOptions& options, EventSink& events, const Cancellation& cancellation) {
  PlanRun run(plan, bodies, options, events, cancellation);
  return run.Run();
}

}  // namespace nopo
