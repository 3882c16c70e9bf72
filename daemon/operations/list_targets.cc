#include "daemon/operations/list_targets.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/plan_check.h"
#include "daemon/project/project_json.h"

namespace nopo {
namespace {

absl::StatusOr<TargetListing> Validate(const Project& project, OutputFormat format) {
  if (format == OutputFormat::kCsv) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     "--validate answers as text or JSON, not as CSV");
  }
  NOPO_RETURN_IF_ERROR(CheckPlans(project));
  TargetListing listing{.warnings = project.warnings};
  if (format == OutputFormat::kText) {
    listing.output = absl::StrCat("✓ Valid nopo.yml: ", project.name, " (", project.ListedCount(),
                                  " services)\n");
    return listing;
  }
  boost::json::array warnings;
  for (const std::string& warning : project.warnings) warnings.emplace_back(warning);
  const boost::json::object answer{{"valid", true},
                                   {"name", project.name},
                                   {"service_count", project.ListedCount()},
                                   {"warnings", std::move(warnings)}};
  listing.output = absl::StrCat(boost::json::serialize(answer), "\n");
  return listing;
}

}  // namespace

absl::StatusOr<TargetListing> ListTargets(const Workspace& workspace, const ListOptions& options,
                                          EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  const Project& project = *opened.project;
  if (options.validate) return Validate(project, options.format);
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
