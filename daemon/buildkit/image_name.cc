#include "daemon/buildkit/image_name.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

bool NamesARegistry(absl::string_view component) {
  return absl::StrContains(component, ".") || absl::StrContains(component, ":") ||
         component == "localhost";
}

}  // namespace

std::string CanonicalImageName(absl::string_view name) {
  const size_t slash = name.find('/');
  if (slash == name.npos) return absl::StrCat("docker.io/library/", name);
  if (NamesARegistry(name.substr(0, slash))) return std::string(name);
  return absl::StrCat("docker.io/", name);
}

std::string FamiliarImageName(absl::string_view name) {
  absl::ConsumePrefix(&name, "docker.io/");
  absl::ConsumePrefix(&name, "library/");
  absl::ConsumeSuffix(&name, ":latest");
  return std::string(name);
}

}  // namespace nopo
