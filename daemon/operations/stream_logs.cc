#include "daemon/operations/stream_logs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/other_directories.h"
#include "daemon/services/service_logs.h"

namespace nopo {

absl::Status StreamLogs(const Workspace& workspace, const LogsOptions& options, EventSink& events,
                        const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectOrTell(*opened.project, options.selection, events));
  std::vector<std::string> services;
  for (const Target* target : targets) {
    if (target->kind == TargetKind::kService) {
      services.push_back(target->id);
    } else if (!options.selection.names.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                       absl::StrCat(target->id, " is a package: it has no logs"));
    }
  }
  if (services.empty() && options.selection.IsFiltered()) return absl::OkStatus();
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  const LogOptions log{
      .follow = options.follow, .tail = options.tail, .timestamps = options.timestamps};
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, ObserveEngine(*session, events, cancellation));
  const LogSources sources{
      .project = opened.project->slug,
      .services = services,
      .other_directories = OtherDirectories(workspace, *opened.project, *snapshot, events)};
  NOPO_RETURN_IF_ERROR(
      FollowLogs(session->engine, session->mirror, sources, log, events, cancellation));
  return cancellation.Check();
}

}  // namespace nopo
