#include "daemon/operations/describe_project.h"

#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "daemon/project/target_fields.h"
#include "daemon/project/target_filter.h"
#include "daemon/project/target_selection.h"

namespace nopo {

ProjectDescription DescribeProject(const Project& project) {
  ProjectDescription description{.name = project.name, .filter_terms = FilterTerms()};
  // By components: as a text "check-all" would stand between "check" and "check:py".
  std::map<std::vector<std::string>, std::vector<std::string>> commands;
  std::set<std::string> tags;
  const std::vector<const Target*> targets = *SelectTargets(project, TargetSelection());
  for (const Target* target : targets) {
    description.targets.push_back(
        {target->id, target->description, std::string(TypeName(*target))});
    tags.insert(target->tags.begin(), target->tags.end());
    for (const std::string& path : target->CommandPaths()) {
      commands[absl::StrSplit(path, ':')].push_back(target->id);
    }
  }
  description.tags.assign(tags.begin(), tags.end());
  for (auto& [path, owners] : commands) {
    description.commands.push_back({absl::StrJoin(path, ":"), std::move(owners)});
  }
  return description;
}

absl::StatusOr<ProjectDescription> DescribeProject(const Workspace& workspace, const Caller& caller,
                                                   EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, caller, events));
  return DescribeProject(*opened.project);
}

}  // namespace nopo
