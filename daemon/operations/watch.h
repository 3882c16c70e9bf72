// `nopo watch`: `up`, and again whenever something changes that the targets are made from.
#pragma once

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/up.h"
#include "daemon/operations/workspace.h"

namespace nopo {

// Rounds of Up with `options`, of which force_build and pull count for the first one, each ended by
// RoundEnded; between them it blocks until a file changed. A round that fails is told and does not
// end it, nor does a broken configuration; the project's turn is held only while a round runs.
// With dry_run only the first round's plan is told.
//
// Errors: CANCELLED, which is how it ends, also when the daemon makes room for another; what the
// first round meets that no edit of the project repairs, such as bad arguments or no engine;
// FAILED_PRECONDITION or PERMISSION_DENIED, after a round, for what cannot be watched.
absl::Status Watch(const Workspace& workspace, const UpOptions& options, EventSink& events,
                   const Cancellation& cancellation);

}  // namespace nopo
