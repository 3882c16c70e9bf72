// The names in a project: what help shows and completion offers. Needs no engine.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"

namespace nopo {

struct ProjectDescription {
  struct TargetName {
    std::string name;
    std::string description;
    std::string type;  // See TypeName.
  };
  struct CommandName {
    std::string path;                  // "check:py"
    std::vector<std::string> targets;  // Ids of those that have it, sorted.
  };
  std::string name;
  std::vector<TargetName> targets;    // Sorted; the root where it has commands.
  std::vector<CommandName> commands;  // Sorted component by component: parents before children.
  std::vector<std::string> tags;      // Of all targets, sorted.
  std::vector<std::string> filter_terms;
};

ProjectDescription DescribeProject(const Project& project);

absl::StatusOr<ProjectDescription> DescribeProject(const Workspace& workspace, const Caller& caller,
                                                   EventSink& events);

}  // namespace nopo
