// What DEBUG=timing says.
#pragma once

#include <string>
#include <vector>

#include "cli/progress/timeline.h"

namespace nopo {

// "1.2 ms", "3.40 s"
std::string TimingText(absl::Duration duration);

// The phases of both sides in the order in which they began, then the tasks that ran, each with its
// start (from the first start of all), duration and outcome; tasks of the critical path are marked
// "*". A line each, without its end.
std::vector<std::string> TimingTable(const Timeline& timeline);

}  // namespace nopo
