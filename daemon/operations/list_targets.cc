#include "daemon/operations/list_targets.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/operations/plan_check.h"
#include "daemon/project/project_json.h"

namespace nopo {

absl::StatusOr<TargetListing> ListTargets(const Workspace& workspace, const ListOptions& options,
                                          EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  const Project& project = *opened.project;
  if (options.validate) {
    NOPO_RETURN_IF_ERROR(CheckPlans(project));
    return TargetListing{.output = absl::StrCat("✓ Valid nopo.yml: ", project.name, " (",
                                                project.ListedCount(), " services)\n"),
                         .warnings = project.warnings};
  }
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectTargets(project, options.selection));
  TargetListing listing;
  if (targets.empty() && options.selection.IsFiltered()) {
    listing.warnings.emplace_back(kNoTargetMatches);
  }
  switch (options.format) {
    case OutputFormat::kJson:
      listing.output = ListJson(project, targets, opened.names);
      break;
    case OutputFormat::kCsv:
      listing.output = ListCsv(targets);
      break;
    case OutputFormat::kText:
      listing.output = ListTable(targets);
      break;
  }
  return listing;
}

}  // namespace nopo
