// How long the parts of an operation take.
#pragma once

#include <chrono>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// Lives as long as the phase and reports its end, however it is left; nothing where nobody wants
// phases. Phases may lie in each other.
class Phase {
 public:
  // `events` must outlive it.
  Phase(EventSink& events, absl::string_view name);
  ~Phase() { End(); }
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;

  // Before the object's own end. Further calls do nothing.
  void End();

 private:
  EventSink* events_;  // Null once it has ended, or when nobody wants to know.
  std::string name_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace nopo
