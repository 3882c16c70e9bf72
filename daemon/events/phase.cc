#include "daemon/events/phase.h"

#include <utility>

namespace nopo {

Phase::Phase(EventSink& events, absl::string_view name)
    : events_(events.wants_phases() ? &events : nullptr) {
  if (events_ == nullptr) return;
  name_ = std::string(name);
  start_ = std::chrono::steady_clock::now();
}

void Phase::End() {
  EventSink* const events = std::exchange(events_, nullptr);
  if (events == nullptr) return;
  const auto took = std::chrono::steady_clock::now() - start_;
  events->Report(PhaseEnded{.name = name_, .duration = absl::FromChrono(took)});
}

}  // namespace nopo
