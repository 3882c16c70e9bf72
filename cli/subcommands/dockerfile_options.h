// What verbs that look at builds take for Dockerfiles.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "common/runtime_paths.h"

namespace nopo {

// "NAME" alone passes the caller's own value on; an unset one is left to the Dockerfile's default.
template <typename Request>
void FillDockerfileOptions(const BuildArguments& arguments, Request& request) {
  request.set_target_stage(arguments.target_stage);
  for (const std::string& argument : arguments.build_args) {
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? ReadProcessEnvironment(name) : argument.substr(equals + 1);
    if (equals == std::string::npos && value.empty()) continue;
    (*request.mutable_build_args())[name] = value;
  }
}

}  // namespace nopo
