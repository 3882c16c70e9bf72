#include "daemon/events/event_queue.h"

#include <utility>

namespace nopo {

void EventQueue::Publish(Event event) {
  std::function<void(std::optional<Event>)> reader;
  {
    MutexLock lock(mutex_);
    if (closed_ || discarding_) return;
    if (reader_ == nullptr) {
      events_.push_back(std::move(event));
      return;
    }
    reader = std::exchange(reader_, nullptr);
  }
  reader(std::move(event));
}

void EventQueue::Close() {
  std::function<void(std::optional<Event>)> reader;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    reader = std::exchange(reader_, nullptr);
  }
  if (reader != nullptr) reader(std::nullopt);
}

void EventQueue::Discard() {
  MutexLock lock(mutex_);
  discarding_ = true;
  events_.clear();
}

void EventQueue::Next(std::function<void(std::optional<Event>)> reader) {
  std::optional<Event> event;
  {
    MutexLock lock(mutex_);
    if (events_.empty() && !closed_) {
      reader_ = std::move(reader);
      return;
    }
    if (!events_.empty()) {
      event = std::move(events_.front());
      events_.pop_front();
    }
  }
  reader(std::move(event));
}

}  // namespace nopo
