#include "cli/progress/progress_model.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/size_text.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

// More of an unfinished line than this is never shown in one row.
constexpr size_t kPartialLineLimit = 4096;

TaskState StateOf(v1::TaskOutcome outcome) {
  switch (outcome) {
    case v1::TASK_OUTCOME_UP_TO_DATE:
      return TaskState::kUpToDate;
    case v1::TASK_OUTCOME_FAILED:
      return TaskState::kFailed;
    case v1::TASK_OUTCOME_SKIPPED:
      return TaskState::kSkipped;
    case v1::TASK_OUTCOME_CANCELLED:
      return TaskState::kCancelled;
    default:
      return TaskState::kSucceeded;
  }
}

bool IsFinished(TaskState state) {
  return state != TaskState::kWaiting && state != TaskState::kRunning;
}

// " 12.0 of 40.0 MB", " 7 kB"; empty when nothing is known about sizes.
std::string TransferText(int64_t current, int64_t total) {
  constexpr double kMegabyte = 1e6;
  if (total >= kMegabyte) {
    return absl::StrFormat(" %.1f of %.1f MB", current / kMegabyte, total / kMegabyte);
  }
  return current > 0 ? absl::StrCat(" ", SizeText(current)) : "";
}

}  // namespace

void ProgressModel::Apply(const v1::Event& event, absl::Time now) {
  started_ = std::min(started_, now);
  switch (event.fact_case()) {
    case v1::Event::kPlanReady:
      for (const auto& task : event.plan_ready().tasks()) FindOrAdd(task.name());
      break;
    case v1::Event::kTaskStarted: {
      TaskView& task = FindOrAdd(event.task_started().task());
      task.state = TaskState::kRunning;
      task.started = now;
      break;
    }
    case v1::Event::kTaskOutput:
      Read(event.task_output());
      break;
    case v1::Event::kTaskProgress:
      Read(event.task_progress());
      break;
    case v1::Event::kTaskFinished:
      Finish(event.task_finished());
      break;
    case v1::Event::kResultReady:
      summary_ = event.result_ready().summary();
      break;
    default:
      break;
  }
}

const TaskView* ProgressModel::Find(absl::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tasks_[found->second];
}

int ProgressModel::Count(TaskState state) const {
  return static_cast<int>(std::count_if(tasks_.begin(), tasks_.end(),
                                        [&](const TaskView& task) { return task.state == state; }));
}

int ProgressModel::FinishedCount() const {
  return static_cast<int>(std::count_if(
      tasks_.begin(), tasks_.end(), [](const TaskView& task) { return IsFinished(task.state); }));
}

TaskView& ProgressModel::FindOrAdd(const std::string& name) {
  const auto [position, added] = index_.try_emplace(name, tasks_.size());
  if (added) tasks_.push_back({.name = name});
  return tasks_[position->second];
}

void ProgressModel::Finish(const v1::TaskFinished& finished) {
  TaskView& task = FindOrAdd(finished.task());
  task.state = StateOf(finished.outcome());
  task.duration =
      absl::Seconds(finished.duration().seconds()) + absl::Nanoseconds(finished.duration().nanos());
  task.reason = finished.reason();
  task.error = finished.error();
  task.exit_code = finished.exit_code();
  task.last_lines.assign(finished.last_lines().begin(), finished.last_lines().end());
  partial_lines_.erase(finished.task());
}

// Output without a planned task is that of `nopo logs`, which has no tasks.
void ProgressModel::Read(const v1::TaskOutput& output) {
  const auto found = index_.find(output.task());
  if (found == index_.end()) return;
  std::string& partial = partial_lines_[output.task()];
  partial += output.data();
  const size_t end = partial.rfind('\n');
  if (end != std::string::npos) {
    const absl::string_view ended =
        absl::StripAsciiWhitespace(absl::string_view(partial).substr(0, end));
    const size_t start = ended.rfind('\n');
    if (!ended.empty()) {
      tasks_[found->second].detail =
          std::string(start == absl::string_view::npos ? ended : ended.substr(start + 1));
    }
    partial.erase(0, end + 1);
  }
  if (partial.size() > kPartialLineLimit) partial.erase(0, partial.size() - kPartialLineLimit);
}

void ProgressModel::Read(const v1::TaskProgress& progress) {
  // A step that is done says nothing about where its task is now.
  if (progress.done() || progress.message().empty()) return;
  FindOrAdd(progress.task()).detail = StepText(progress);
}

std::string StepText(const v1::TaskProgress& progress) {
  std::string text = progress.message();
  // The steps of a Dockerfile keep the indentation of its continued lines.
  absl::RemoveExtraAsciiWhitespace(&text);
  return absl::StrCat(progress.cached() ? "CACHED " : "", text,
                      TransferText(progress.current(), progress.total()));
}

}  // namespace nopo
