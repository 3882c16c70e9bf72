// Puts what an image is built from into words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/build/build_inputs.h"
#include "daemon/build/build_plan.h"
#include "daemon/buildkit/file_tree.h"

namespace nopo {

// The labels of `build` that count: those that git decides change with every commit, and a commit
// alone must not rebuild anything.
std::map<std::string, std::string> LabelsThatCount(const ImageBuild& build);

// All that a fingerprint of `build` covers. `base_ids` are the engine's ids of its base images,
// `options` name what of the request counts, `context` is the build's context.
BuildInputs DescribeInputs(const ImageBuild& build,
                           const std::map<std::string, std::string>& base_ids,
                           const std::vector<std::string>& options, const FileTree& context);

}  // namespace nopo
