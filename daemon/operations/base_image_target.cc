#include "daemon/operations/base_image_target.h"

#include <vector>

#include "absl/strings/match.h"

namespace nopo {

bool TakeBaseImage(const Project& project, TargetSelection& selection) {
  const bool base_is_target = project.FindTarget("base") != nullptr;
  const auto is_base = [&](const std::string& name) {
    return absl::EqualsIgnoreCase(name, project.root_name) || (name == "base" && !base_is_target);
  };
  return std::erase_if(selection.names, is_base) > 0;
}

}  // namespace nopo
