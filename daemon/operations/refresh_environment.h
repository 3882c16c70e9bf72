// `nopo env`: brings `.env` up to date and tells what changed. Needs no engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/project_environment.h"

namespace nopo {

struct RefreshEnvironmentOptions {
  Caller caller;
  bool diff_only = false;  // Write nothing.
  bool force = false;      // Forget what persists.
  OutputFormat format = OutputFormat::kText;
};

// Errors: as FindProject and ResolveEnvironment.
absl::StatusOr<std::string> RefreshEnvironment(const Workspace& workspace,
                                               const RefreshEnvironmentOptions& options,
                                               EventSink& events, const Cancellation& cancellation);

// The text, or the JSON, whose keys are an API. Both end with a line's end.
std::string RenderEnvironment(const ProjectEnvironment& environment,
                              const RefreshEnvironmentOptions& options);

}  // namespace nopo
