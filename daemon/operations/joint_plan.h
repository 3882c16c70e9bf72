// The builds and commands of one request, which may need each other: a build may wait for commands
// (`build.depends_on: {shared: [codegen]}`), a command for builds or for the image that it runs in.
// Pure, but for the Dockerfiles that are read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/build/build_plan.h"
#include "daemon/commands/command_planner.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

struct JointRequest {
  std::vector<const Target*> builds;
  BuildPlanOptions build_options;
  CommandPlan commands;
  // The images that the commands run in are built as well; else they are there.
  bool build_images_of_commands = true;
};

struct JointPlan {
  std::vector<Task> tasks;                      // Of both kinds, with the order between them.
  std::map<std::string, BuildTask> builds;      // By task name.
  std::map<std::string, CommandTask> commands;  // By task name.
  // Those of `commands` that builds wait for, and what these commands need.
  std::set<std::string> commands_of_builds;
};

// Everything that `request` needs, planned. A task in a container runs after the build of its
// target's image, or of the base image, where the plan has one.
//
// Errors: as PlanBuild and PlanWantedCommands. A cycle across both kinds is left to Plan::Create.
absl::StatusOr<JointPlan> PlanJointly(const Project& project, const ImageNames& names,
                                      JointRequest request);

// All builds of the project with the commands that they wait for, planned to the end without
// reading Dockerfiles.
//
// Errors: as PlanJointly, and FAILED_PRECONDITION (CONFIGURATION) for a cycle across both kinds.
absl::Status CheckBuilds(const Project& project);

}  // namespace nopo
