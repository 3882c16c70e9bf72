// Events of an operation at given moments, in milliseconds from some start.
#pragma once

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "tests/unit/cli/events.h"

namespace nopo {

inline absl::Time Moment(int milliseconds) {
  return absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(milliseconds);
}

inline v1::Event At(int milliseconds, v1::Event event) {
  const int64_t nanos = absl::ToUnixNanos(Moment(milliseconds));
  event.mutable_time()->set_seconds(nanos / 1'000'000'000);
  event.mutable_time()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  return event;
}

// `tasks` with what each depends on.
inline v1::Event PlanOf(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& tasks) {
  v1::Event event;
  for (const auto& [name, depends_on] : tasks) {
    v1::PlanReady::Task* task = event.mutable_plan_ready()->add_tasks();
    task->set_name(name);
    for (const std::string& dependency : depends_on) task->add_depends_on(dependency);
  }
  return event;
}

inline v1::Event PhaseEnded(const std::string& name, int milliseconds) {
  v1::Event event;
  event.mutable_phase_ended()->set_name(name);
  event.mutable_phase_ended()->mutable_duration()->set_nanos(milliseconds * 1'000'000);
  return event;
}

inline v1::Event StepDone(const std::string& task, const std::string& step) {
  v1::Event event = Step(task, step, step);
  event.mutable_task_progress()->set_done(true);
  return event;
}

}  // namespace nopo
