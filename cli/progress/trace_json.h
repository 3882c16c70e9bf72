// An operation as a Chrome trace, which Perfetto and chrome://tracing show.
#pragma once

#include <string>

#include "cli/progress/timeline.h"

namespace nopo {

// A JSON object in the Trace Event Format: a process for each side, in nopod a track for phases and
// one for each task that ran at the same time as others; complete events ("ph": "X") in
// microseconds from the first start. The steps of a task lie inside it, those that overlap on
// tracks beside it. `args` has outcome and reasons.
std::string TraceJson(const Timeline& timeline);

}  // namespace nopo
