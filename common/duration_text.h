// Durations as people read them; the daemon's summaries and the CLI's progress say them alike.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace nopo {

// "40ms", "12.3s", "2m 05s", "1h 01m".
std::string ShortDuration(absl::Duration duration);
// "12s", "2m 05s": for what still runs, where a finer figure would only flicker.
std::string WholeSeconds(absl::Duration duration);

}  // namespace nopo
