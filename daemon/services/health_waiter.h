// Waits until a container has reached what is expected of its service.
//
// Woken by the engine's events through the mirror; polls nothing.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/project/project.h"

namespace nopo {

struct ReadinessWait {
  DependencyCondition reach = DependencyCondition::kHealthy;
  absl::Duration timeout = absl::InfiniteDuration();
  // The container was started just now: what the mirror has from before is not judged, and without
  // a health check it must stay up for a moment (see SettledAt), so that a service which exits at
  // once is noticed. One that has a health check is never held up by that.
  bool just_started = false;
};

// `container` is as last seen; when just started, as inspected after the start.
//
// Errors:
//   DEADLINE_EXCEEDED (SERVICE_FAILED)    not there in time; the message says what it still is
//   FAILED_PRECONDITION (SERVICE_FAILED)  it exited, is unhealthy, restarts, is gone; see
//   ReadinessOf CANCELLED                             `cancellation` fired first those of
//   EngineMirror                 the engine went away
absl::Status WaitUntilReady(EngineMirror& mirror, const Container& container,
                            const ReadinessWait& wait, const Cancellation& cancellation);

}  // namespace nopo
