// What a call that answers once has to tell besides its answer.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "daemon/events/collected_events.h"
#include "daemon/rpc/event_translation.h"
#include "daemon/rpc/status_translation.h"
#include "nopo/v1/event.pb.h"

namespace nopo {

// Runs `answer` with a sink of `wishes`. What it reported goes into the field `events` of
// `response` or, because a call that fails has no response, into the status returned.
template <typename Response>
absl::Status AnswerWithEvents(const EventWishes& wishes, Response& response,
                              const std::function<absl::Status(EventSink&)>& answer) {
  CollectedEvents events(wishes);
  absl::Status outcome = answer(events);
  v1::EventList list;
  for (const Event& event : events.Take()) EventToProto(event, *list.add_events());
  if (!outcome.ok()) return WithEvents(std::move(outcome), list);
  *response.mutable_events() = std::move(*list.mutable_events());
  return outcome;
}

}  // namespace nopo
