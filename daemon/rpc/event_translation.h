// Events on the wire.
#pragma once

#include "daemon/events/event.h"

namespace nopo {

namespace v1 {
class Event;
}  // namespace v1

void EventToProto(const Event& event, v1::Event& proto);

}  // namespace nopo
