// DOCKER_TAG and its components: which image the project's images are named after.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/project/environment_levels.h"
#include "daemon/project/image_names.h"

namespace nopo {

constexpr char kDevelopmentVersion[] = "local";

// One component, and who said so.
struct TagPart {
  std::string value;  // "" = none.
  Place place = Place::kComputed;
  bool in_tag = false;  // As part of that place's DOCKER_TAG.
};

struct TagFamily {
  TagPart registry, image, version, digest;
  ImageReference Reference() const;
};

// Resolves level by level. In one level DOCKER_TAG beats the components and is whole: a missing
// registry is none, a missing version "local". What a level leaves out comes from the next; what no
// level says is `slug` and "local". An image or version of a stronger level drops a weaker digest.
// What nopo's block holds only because the user's keys once said so is not read from it.
//
// Errors (reason CONFIGURATION): a part that does not parse, a digest without a version (the
// default "local" is none), naming where the value came from.
absl::StatusOr<TagFamily> ResolveTagFamily(const EnvironmentLevels& levels,
                                           const std::string& slug);

// An error about the value of `variable` at `place`.
absl::Status VariableError(const EnvironmentLevels& levels, Place place,
                           const std::string& variable, absl::string_view message);

}  // namespace nopo
