// Keeps the events of a call that answers once, until they can go with the answer.
#pragma once

#include <vector>

#include "common/mutex.h"
#include "daemon/events/event_sink.h"

namespace nopo {

class CollectedEvents final : public EventSink {
 public:
  explicit CollectedEvents(EventWishes wishes) : EventSink(std::move(wishes)) {}

  void Publish(Event event) override ABSL_LOCKS_EXCLUDED(mutex_);
  // All so far, in order; leaves this empty.
  std::vector<Event> Take() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
