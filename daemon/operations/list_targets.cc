#include "daemon/operations/list_targets.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/project/project_json.h"

namespace nopo {

absl::StatusOr<TargetListing> ListTargets(const Workspace& workspace, const ListOptions& options,
                                          EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  const Project& project = *opened.project;
  if (options.validate) {
    return TargetListing{.output = absl::StrCat("✓ Valid nopo.yml: ", project.name, " (",
                                                project.ListedCount(), " services)\n"),
                         .warnings = project.warnings};
  }
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectTargets(project, options.selection));
  switch (options.format) {
    case OutputFormat::kJson:
      return TargetListing{.output = ListJson(project, targets, opened.names)};
    case OutputFormat::kCsv:
      return TargetListing{.output = ListCsv(targets)};
    case OutputFormat::kText:
      return TargetListing{.output = ListTable(targets)};
  }
  return TargetListing{};
}

}  // namespace nopo
