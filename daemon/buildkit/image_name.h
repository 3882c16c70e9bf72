// Names of images as BuildKit spells them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

// With the registry that is meant when none is written: "shop:1" -> "docker.io/library/shop:1".
std::string CanonicalImageName(absl::string_view name);
// As short as it may be written, and without ":latest": what a named context has to be called.
std::string FamiliarImageName(absl::string_view name);

}  // namespace nopo
