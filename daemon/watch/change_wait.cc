#include "daemon/watch/change_wait.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/time/clock.h"
#include "common/cancellation_fd.h"
#include "common/status_macros.h"

namespace nopo {

absl::Duration ChangeBurst::Left(absl::Time now) const {
  return std::max(absl::ZeroDuration(), std::min(last_ + kQuiet, first_ + kLongest) - now);
}

absl::Status WaitForChanges(TreeWatcher& watcher, ChangeBell& bell, FirstChange first,
                            const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const CancellationFd cancelled, CancellationFd::Watch(cancellation));
  std::optional<ChangeBurst> burst;
  while (true) {
    // Whoever asks about a tree reads everybody's events, so the bell may ring without them.
    watcher.ReadNews();
    const absl::Time now = absl::Now();
    if (bell.Silence()) {
      if (burst.has_value()) {
        burst->Add(now);
      } else {
        burst.emplace(now);
      }
    }
    if (!burst.has_value() && first == FirstChange::kIfThere) return cancellation.Check();
    const absl::Duration left = burst.has_value() ? burst->Left(now) : absl::InfiniteDuration();
    if (left == absl::ZeroDuration()) return cancellation.Check();
    std::array<pollfd, 3> polled = {
        {{cancelled.get(), POLLIN, 0}, {watcher.events_fd(), POLLIN, 0}, {bell.fd(), POLLIN, 0}}};
    const auto milliseconds = static_cast<int>(absl::ToInt64Milliseconds(left) + 1);
    ::poll(polled.data(), polled.size(), burst.has_value() ? milliseconds : -1);
    NOPO_RETURN_IF_ERROR(cancellation.Check());
  }
}

}  // namespace nopo
