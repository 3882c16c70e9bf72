#include <algorithm>
#include <iterator>

#include "daemon/docker/compose_labels.h"
#include "daemon/docker/engine_mirror.h"

namespace nopo {

std::string EngineSnapshot::ImageId(absl::string_view reference) const {
  const auto it = image_ids.find(NormalizedTag(reference));
  return it == image_ids.end() ? "" : it->second;
}

std::vector<Container> EngineSnapshot::ContainersOf(absl::string_view project) const {
  std::vector<Container> found;
  std::copy_if(containers.begin(), containers.end(), std::back_inserter(found),
               [&](const Container& container) {
                 const auto it = container.labels.find(kLabelProject);
                 return it != container.labels.end() && it->second == project;
               });
  return found;
}

}  // namespace nopo
