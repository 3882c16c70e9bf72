// What `nopo build --print` shows: what would be built of what.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "daemon/build/build_plan.h"
#include "daemon/events/event.h"
#include "daemon/graph/plan.h"

namespace nopo {

// As text each image's Dockerfile, complete as BuildKit gets it, under a line of comment that names
// image, build context and stage; a package's command likewise. As JSON the whole plan:
//   {"stages": [["shop:build"], ...],
//    "builds": [{"task", "name", "type": "image"|"package", "depends_on": [...], ...}]}
// Secrets are named, not shown.
ResultReady DescribeBuilds(const Plan& plan, const std::map<std::string, BuildTask>& builds,
                           const std::filesystem::path& root);

}  // namespace nopo
