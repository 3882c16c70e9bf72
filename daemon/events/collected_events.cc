#include "daemon/events/collected_events.h"

#include <utility>

namespace nopo {

void CollectedEvents::Publish(Event event) {
  MutexLock lock(mutex_);
  events_.push_back(std::move(event));
}

std::vector<Event> CollectedEvents::Take() {
  MutexLock lock(mutex_);
  return std::exchange(events_, {});
}

}  // namespace nopo
