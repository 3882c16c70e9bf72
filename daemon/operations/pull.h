// `nopo pull`: brings the images that services run, and nopo does not build, up to what their
// registries have.
#pragma once

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct PullOptions {
  Caller caller;
  TargetSelection selection;
  ExecutionOptions execution;
  bool force = false;  // Also what the engine has under the digest in its name.
};

// A plan of `target:pull` tasks. Images that nopo builds are pulled unless their version is
// `local`; the root's name (or "base") as a target means the base image.
absl::Status Pull(const Workspace& workspace, const PullOptions& options, EventSink& events,
                  const Cancellation& cancellation);

}  // namespace nopo
