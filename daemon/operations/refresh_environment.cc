#include "daemon/operations/refresh_environment.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/events/phase.h"

namespace nopo {
namespace {

boost::json::object JsonMap(const EnvironmentMap& variables) {
  boost::json::object object;
  for (const auto& [key, value] : variables) object[key] = value;
  return object;
}

std::string RenderJson(const ProjectEnvironment& environment, const EnvironmentDiff& diff) {
  boost::json::object updated;
  for (const auto& [key, change] : diff.updated) {
    updated[key] = {{"from", change.from}, {"to", change.to}};
  }
  const boost::json::object object{{"file", environment.file.native()},
                                   {"values", JsonMap(environment.names.managed)},
                                   {"diff",
                                    {{"added", JsonMap(diff.added)},
                                     {"updated", updated},
                                     {"removed", JsonMap(diff.removed)},
                                     {"unchanged", JsonMap(diff.unchanged)}}}};
  return absl::StrCat(boost::json::serialize(object), "\n");
}

void AppendLines(const char* heading, const EnvironmentMap& variables, std::string& text) {
  for (const auto& [key, value] : variables) {
    absl::StrAppend(&text, heading, DotenvLine(key, value), "\n");
  }
}

}  // namespace

std::string RenderEnvironment(const ProjectEnvironment& environment,
                              const RefreshEnvironmentOptions& options) {
  const EnvironmentDiff diff = DiffEnvironments(environment.before, environment.names.managed);
  if (options.format == OutputFormat::kJson) return RenderJson(environment, diff);
  std::string text;
  AppendLines("added      ", diff.added, text);
  for (const auto& [key, change] : diff.updated) {
    absl::StrAppend(&text, "updated    ", DotenvLine(key, change.to), "  # was ", change.from,
                    "\n");
  }
  AppendLines("removed    ", diff.removed, text);
  AppendLines("unchanged  ", diff.unchanged, text);
  absl::StrAppend(&text, "\n", environment.file.native(), ": ", diff.added.size(), " added, ",
                  diff.updated.size(), " updated, ", diff.removed.size(), " removed, ",
                  diff.unchanged.size(), " unchanged",
                  options.diff_only ? " (nothing written)\n" : "\n");
  return text;
}

absl::StatusOr<std::string> RefreshEnvironment(const Workspace& workspace,
                                               const RefreshEnvironmentOptions& options,
                                               EventSink& events,
                                               const Cancellation& cancellation) {
  const Caller& caller = options.caller;
  NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Project> project,
                        FindProject(workspace, caller, events));
  const Phase phase(events, "environment");
  const GitFacts git = workspace.git.Get(project->root, caller.environment);
  NOPO_ASSIGN_OR_RETURN(
      const ProjectEnvironment environment,
      ResolveEnvironment(*project, caller.environment, &git,
                         {.use = options.diff_only ? DotenvUse::kPreview : DotenvUse::kWrite,
                          .forget = options.force,
                          .umask = caller.umask},
                         cancellation));
  return RenderEnvironment(environment, options);
}

}  // namespace nopo
