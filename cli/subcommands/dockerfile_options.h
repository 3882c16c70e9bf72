// What verbs that look at builds take for Dockerfiles.
#pragma once

#include "cli/arguments.h"
#include "cli/subcommands/variables.h"

namespace nopo {

// An argument that is not set is left to the Dockerfile's default.
template <typename Request>
void FillDockerfileOptions(const BuildArguments& arguments, Request& request) {
  request.set_target_stage(arguments.target_stage);
  FillVariables(arguments.build_args, *request.mutable_build_args());
}

}  // namespace nopo
