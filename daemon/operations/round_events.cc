#include "daemon/operations/round_events.h"

#include <algorithm>
#include <variant>

namespace nopo {
namespace {

// The kernel stamps files with the time of its last tick.
constexpr absl::Duration kClockTick = absl::Milliseconds(20);

}  // namespace

void RoundEvents::NoteCommands(std::set<std::string> tasks) {
  MutexLock lock(mutex_);
  commands_ = std::move(tasks);
}

void RoundEvents::Publish(Event event) {
  {
    MutexLock lock(mutex_);
    NoteLocked(event);
  }
  client_.Publish(std::move(event));
}

void RoundEvents::NoteLocked(const Event& event) {
  if (const auto* started = std::get_if<TaskStarted>(&event.fact)) {
    if (commands_.contains(started->task)) running_[started->task] = event.time;
  }
  const auto* finished = std::get_if<TaskFinished>(&event.fact);
  if (finished == nullptr) return;
  const auto found = running_.find(finished->task);
  if (found == running_.end()) return;
  if (finished->outcome != TaskOutcome::kUpToDate) {
    spans_.emplace_back(found->second - kClockTick, event.time);
  }
  running_.erase(found);
}

bool RoundEvents::CommandsRan() const {
  MutexLock lock(mutex_);
  return !spans_.empty();
}

bool RoundEvents::CommandsRanAt(absl::Time time) const {
  MutexLock lock(mutex_);
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const auto& span) { return span.first <= time && time <= span.second; });
}

}  // namespace nopo
