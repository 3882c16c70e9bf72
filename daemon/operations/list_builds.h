// `nopo builds`: what was built when, how and why.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct ListBuildsOptions {
  Caller caller;
  TargetSelection selection;
  int limit = 20;  // Of all targets together.
  OutputFormat format = OutputFormat::kText;
};

// The builds of the caller's project by the engine it would use now; needs no engine. Builds of
// the base image are the root's.
//
// Errors: as OpenProject, SelectTargets and EngineSessions::For; of the file of the history.
absl::StatusOr<std::string> ListBuilds(const Workspace& workspace, const ListBuildsOptions& options,
                                       EventSink& events);

// A table, the newest first; times as they were at `now`. The keys of the JSON are an API; see
// docs/api.md.
std::string RenderBuilds(const std::vector<BuildHistoryEntry>& builds, absl::Time now,
                         OutputFormat format);

}  // namespace nopo
