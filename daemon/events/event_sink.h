// Takes the events of one operation.
#pragma once

#include "absl/time/clock.h"
#include "daemon/events/event.h"

namespace nopo {

// Implementations are thread-safe and never block on a client.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void Publish(Event event) = 0;

  // Publishes `fact` as happening now.
  template <typename Fact>
  void Report(Fact fact) {
    Publish(Event{absl::Now(), std::move(fact)});
  }
  void Info(absl::string_view message);
  void Warning(absl::string_view message);
};

}  // namespace nopo
