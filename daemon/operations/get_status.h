// `nopo status`: daemon, engine and the project's services as they are now.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

// The daemon as it sees itself.
struct DaemonFacts {
  std::string version;
  int pid = 0;
  absl::Duration uptime;
  int projects = 0;
  int64_t rss_bytes = 0;
  int operations = 0;
};

struct StatusOptions {
  Caller caller;
  TargetSelection selection;
  OutputFormat format = OutputFormat::kText;
  bool detailed = false;  // Text: one line per container, with ids and images.
  DaemonFacts daemon;
};

// The text or the JSON of behaviour, section 4. Without an engine that is part of the answer, not
// an error.
absl::StatusOr<std::string> GetStatus(const Workspace& workspace, const StatusOptions& options,
                                      EventSink& events, const Cancellation& cancellation);

}  // namespace nopo
