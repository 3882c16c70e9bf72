// `nopo build`: packages on the host and images through BuildKit, as one plan.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/build_request.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"

namespace nopo {

struct BuildOptions : BuildRequest {
  ExecutionOptions execution;
  bool print = false;                 // Only tell what would be built of what.
  std::filesystem::path output_file;  // Absolute; empty = none.
};

absl::Status Build(const Workspace& workspace, const BuildOptions& options, EventSink& events,
                   const Cancellation& cancellation);

}  // namespace nopo
