// `nopo list`: what the project has. Needs no engine.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

enum class OutputFormat { kText, kJson, kCsv };

struct ListOptions {
  Caller caller;
  TargetSelection selection;
  OutputFormat format = OutputFormat::kText;
  bool validate = false;  // Only check the configuration.
};

struct TargetListing {
  std::string output;
  std::vector<std::string> warnings;
};

absl::StatusOr<TargetListing> ListTargets(const Workspace& workspace, const ListOptions& options,
                                          EventSink& events);

}  // namespace nopo
