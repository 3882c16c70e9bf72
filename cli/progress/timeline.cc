#include "cli/progress/timeline.h"

#include <algorithm>
#include <optional>

#include "nopo/v1/event.pb.h"

namespace nopo {

absl::Time TimeOf(const v1::Event& event) {
  return absl::FromUnixSeconds(event.time().seconds()) + absl::Nanoseconds(event.time().nanos());
}

namespace {

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string OutcomeName(v1::TaskOutcome outcome) {
  switch (outcome) {
    case v1::TASK_OUTCOME_SUCCEEDED:
      return "succeeded";
    case v1::TASK_OUTCOME_UP_TO_DATE:
      return "up to date";
    case v1::TASK_OUTCOME_FAILED:
      return "failed";
    case v1::TASK_OUTCOME_SKIPPED:
      return "skipped";
    case v1::TASK_OUTCOME_CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

}  // namespace

TimedTask& Timeline::FindOrAdd(const std::string& name) {
  const auto [place, is_new] = positions_.emplace(name, tasks_.size());
  if (is_new) tasks_.push_back({.span = {.name = name}, .outcome = "waiting"});
  return tasks_[place->second];
}

void Timeline::Apply(const v1::Event& event) {
  const absl::Time time = TimeOf(event);
  switch (event.fact_case()) {
    case v1::Event::kPlanReady:
      for (const v1::PlanReady::Task& planned : event.plan_ready().tasks()) {
        TimedTask& task = FindOrAdd(planned.name());
        task.depends_on = {planned.depends_on().begin(), planned.depends_on().end()};
        task.plan_reason = planned.reason();
      }
      break;
    case v1::Event::kTaskStarted: {
      TimedTask& task = FindOrAdd(event.task_started().task());
      task.span.start = task.span.end = time;
      task.outcome = "running";
      break;
    }
    case v1::Event::kTaskProgress:
      ApplyProgress(event.task_progress(), time);
      break;
    case v1::Event::kTaskFinished: {
      const v1::TaskFinished& finished = event.task_finished();
      TimedTask& task = FindOrAdd(finished.task());
      if (task.outcome == "waiting") task.span.start = time;
      task.outcome = OutcomeName(finished.outcome());
      task.reason = finished.error().empty() ? finished.reason() : finished.error();
      Finish(task, time);
      break;
    }
    case v1::Event::kRoundEnded:
      positions_.clear();  // Tasks of the next round are others, though they have the same names.
      break;
    case v1::Event::kPhaseEnded:
      daemon_phases_.push_back({.name = event.phase_ended().name(),
                                .start = time - DurationOf(event.phase_ended().duration()),
                                .end = time});
      break;
    default:
      break;
  }
}

void Timeline::ApplyProgress(const v1::TaskProgress& progress, absl::Time time) {
  if (progress.step().empty()) return;
  std::vector<TimedStep>& steps = FindOrAdd(progress.task()).steps;
  const std::string key = progress.task() + "\n" + progress.step();
  const auto [place, is_new] = positions_.emplace(key, steps.size());
  if (is_new) {
    const std::string& name = progress.message().empty() ? progress.step() : progress.message();
    steps.push_back({.span = {.name = name, .start = time, .end = time}});
  }
  TimedStep& step = steps[place->second];
  step.cached = step.cached || progress.cached();
  if (step.done) return;
  step.done = progress.done();
  step.span.end = time;
}

void Timeline::Finish(TimedTask& task, absl::Time time) {
  task.span.end = time;
  for (TimedStep& step : task.steps) {
    if (!step.done || step.span.end > time) step.span.end = time;
  }
}

absl::Time Timeline::Start() const {
  absl::Time start = absl::InfiniteFuture();
  for (const TimedSpan& phase : cli_phases_) start = std::min(start, phase.start);
  for (const TimedSpan& phase : daemon_phases_) start = std::min(start, phase.start);
  for (const TimedTask& task : tasks_) {
    if (task.outcome != "waiting") start = std::min(start, task.span.start);
  }
  return start;
}

std::vector<size_t> CriticalPath(const std::vector<TimedTask>& tasks) {
  std::map<absl::string_view, size_t> positions;
  std::optional<size_t> next;
  for (size_t i = 0; i < tasks.size(); ++i) {
    positions[tasks[i].span.name] = i;
    if (!tasks[i].HasRun()) continue;
    if (!next.has_value() || tasks[i].span.end > tasks[*next].span.end) next = i;
  }
  std::vector<size_t> path;
  while (next.has_value()) {
    const TimedTask& task = tasks[*next];
    path.push_back(*next);
    next.reset();
    absl::Time latest = absl::InfinitePast();
    for (const std::string& dependency : task.depends_on) {
      const auto found = positions.find(dependency);
      if (found == positions.end() || !tasks[found->second].HasRun()) continue;
      // One that was only needed under way may go on beside the task.
      const absl::Time end = std::min(tasks[found->second].span.end, task.span.start);
      if (end <= latest) continue;
      latest = end;
      next = found->second;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace nopo
