// `nopo why`: whether a build would build anything, and what for.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/build_request.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/workspace.h"

namespace nopo {

struct ExplainBuildsOptions : BuildRequest {
  OutputFormat format = OutputFormat::kText;
};

// Builds nothing and changes nothing; asks the engine for its images.
//
// Errors: as PrepareBuild, and of the engine.
absl::StatusOr<std::string> ExplainBuilds(const Workspace& workspace,
                                          const ExplainBuildsOptions& options, EventSink& events,
                                          const Cancellation& cancellation);

// A line for each: "web: apps/web/a.ts changed", "api: up to date: ...". The keys of the JSON are
// an API: [{"name", "task", "up_to_date", "reason"}].
std::string RenderExplanations(const std::vector<TaskExplanation>& explanations,
                               OutputFormat format);

}  // namespace nopo
