#include "daemon/operations/explain_builds.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {

std::string RenderExplanations(const std::vector<TaskExplanation>& explanations,
                               OutputFormat format) {
  std::string text;
  boost::json::array array;
  for (const TaskExplanation& explanation : explanations) {
    const auto& [up_to_date, reason] = explanation.decision;
    absl::StrAppend(&text, explanation.target, up_to_date ? ": up to date: " : ": ", reason, "\n");
    array.push_back(boost::json::object{{"name", explanation.target},
                                        {"task", explanation.task},
                                        {"up_to_date", up_to_date},
                                        {"reason", reason}});
  }
  if (format == OutputFormat::kJson) return absl::StrCat(boost::json::serialize(array), "\n");
  return text.empty() ? "nothing to build\n" : text;
}

absl::StatusOr<std::string> ExplainBuilds(const Workspace& workspace,
                                          const ExplainBuildsOptions& options, EventSink& events,
                                          const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(PreparedBuild prepared,
                        PrepareBuild(workspace, options, DotenvUse::kRead, events, cancellation));
  NOPO_RETURN_IF_ERROR(ReadImageOptions(workspace, options, events, cancellation, prepared));
  RegistryLogins logins(options.caller.environment);
  BuildTasks builds(workspace, prepared.opened, options.caller, prepared.session, logins,
                    prepared.build);
  NOPO_ASSIGN_OR_RETURN(const std::vector<TaskExplanation> explanations,
                        builds.Explain(prepared.plan.tasks, prepared.plan.builds, cancellation));
  return RenderExplanations(explanations, options.format);
}

}  // namespace nopo
