// `nopo build`: packages on the host and images through BuildKit, as one plan.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/build/cache_choice.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

struct BuildOptions {
  Caller caller;
  TargetSelection selection;
  ExecutionOptions execution;
  bool no_cache = false;
  bool pull = false;
  bool push = false;  // Every image of the plan, after its build.
  CacheRequest caches;
  std::string target_stage;
  std::map<std::string, std::string> build_args;
  std::filesystem::path output_file;  // Absolute; empty = none.
};

absl::Status Build(const Workspace& workspace, const BuildOptions& options, EventSink& events,
                   const Cancellation& cancellation);

}  // namespace nopo
