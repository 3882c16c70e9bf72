// Carries events from the threads that work to whoever writes them to a client.
//
// Unbounded: a slow client costs memory and never delays a build. The reader does not block: it
// asks for the next event and is called back when there is one, so that a stream needs no thread.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "common/mutex.h"
#include "daemon/events/event_sink.h"

namespace nopo {

class EventQueue final : public EventSink {
 public:
  explicit EventQueue(EventWishes wishes = {}) : EventSink(std::move(wishes)) {}

  // No-op once closed.
  void Publish(Event event) override ABSL_LOCKS_EXCLUDED(mutex_);
  // No more events will come. The reader still gets what is queued.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // Nobody wants the events any more: drops those queued and all that come until Close().
  void Discard() ABSL_LOCKS_EXCLUDED(mutex_);

  // Hands the next event to `reader`, or nullopt once closed and drained: at once on this thread,
  // or later on the thread that publishes or closes. One call may be outstanding at a time.
  void Next(std::function<void(std::optional<Event>)> reader) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  std::function<void(std::optional<Event>)> reader_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool discarding_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nopo
