// Takes the events of one operation.
#pragma once

#include <utility>

#include "absl/time/clock.h"
#include "common/debug_log.h"
#include "daemon/events/event.h"

namespace nopo {

// What a client wants to be told besides what every client is.
struct EventWishes {
  DebugAreas debug;     // Lines as LogWritten of level kDebug.
  bool phases = false;  // PhaseEnded.
};

// Implementations are thread-safe and never block on a client.
class EventSink : public DebugLog {
 public:
  virtual void Publish(Event event) = 0;

  bool wants_phases() const { return wants_phases_; }

  // Publishes `fact` as happening now.
  template <typename Fact>
  void Report(Fact fact) {
    Publish(Event{absl::Now(), std::move(fact)});
  }
  void Info(absl::string_view message);
  void Warning(absl::string_view message);

 protected:
  explicit EventSink(EventWishes wishes = {})
      : DebugLog(std::move(wishes.debug)), wants_phases_(wishes.phases) {}

 private:
  void WriteDebug(std::string area, std::string message) final;

  const bool wants_phases_;
};

}  // namespace nopo
