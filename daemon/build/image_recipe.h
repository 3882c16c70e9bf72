// What it takes to build one image: reads Dockerfiles and ignore files, or generates them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/build/build_arguments.h"
#include "daemon/build/build_plan.h"

namespace nopo {

// The stage that --target asks for.
struct StageRequest {
  std::string name;         // "" = none.
  bool is_binding = false;  // Also where the Dockerfile has no such stage: BuildKit then says so.
};

// The base image: from nopo/docker/Dockerfile with the whole project as context, or generated from
// `os:` without any.
//
// Errors of both: see PlanBuild.
absl::StatusOr<ImageBuild> BaseImageBuild(const Project& project, const ImageNames& names,
                                          const BuildArguments& given, const StageRequest& stage);

// The image of a service with a Dockerfile or a build.command.
absl::StatusOr<ImageBuild> ServiceImageBuild(const Project& project, const Target& service,
                                             const ImageNames& names, const BuildArguments& given,
                                             const StageRequest& stage);

}  // namespace nopo
