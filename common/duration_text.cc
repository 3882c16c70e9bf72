#include "common/duration_text.h"

#include "absl/strings/str_format.h"

namespace nopo {
namespace {

std::string MinutesAndSeconds(int64_t seconds) {
  if (seconds >= 3600) return absl::StrFormat("%dh %02dm", seconds / 3600, seconds / 60 % 60);
  return absl::StrFormat("%dm %02ds", seconds / 60, seconds % 60);
}

}  // namespace

std::string ShortDuration(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds < 1) return absl::StrFormat("%dms", absl::ToInt64Milliseconds(duration));
  if (seconds < 60) return absl::StrFormat("%.1fs", seconds);
  return MinutesAndSeconds(absl::ToInt64Seconds(duration));
}

std::string WholeSeconds(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  return seconds >= 60 ? MinutesAndSeconds(seconds) : absl::StrFormat("%ds", seconds);
}

}  // namespace nopo
