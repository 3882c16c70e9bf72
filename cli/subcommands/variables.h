// Variables that are typed as options.
#pragma once

#include <google/protobuf/map.h>

#include <string>
#include <vector>

#include "common/runtime_paths.h"

namespace nopo {

// "NAME=VALUE" as it is; "NAME" alone passes the caller's own value on, an unset one nothing.
inline void FillVariables(const std::vector<std::string>& typed,
                          google::protobuf::Map<std::string, std::string>& variables) {
  for (const std::string& variable : typed) {
    const size_t equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? ReadProcessEnvironment(name) : variable.substr(equals + 1);
    if (equals == std::string::npos && value.empty()) continue;
    variables[name] = value;
  }
}

}  // namespace nopo
