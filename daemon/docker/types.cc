#include "daemon/docker/types.h"

#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nopo {

bool EngineVersion::ApiAtLeast(int major, int minor) const {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(api_version, '.');
  int own_major = 0, own_minor = 0;
  if (!absl::SimpleAtoi(parts.first, &own_major) || !absl::SimpleAtoi(parts.second, &own_minor)) {
    return false;
  }
  return std::tie(own_major, own_minor) >= std::tie(major, minor);
}

absl::string_view ContainerStateName(ContainerState state) {
  switch (state) {
    case ContainerState::kCreated:
      return "created";
    case ContainerState::kRunning:
      return "running";
    case ContainerState::kPaused:
      return "paused";
    case ContainerState::kRestarting:
      return "restarting";
    case ContainerState::kRemoving:
      return "removing";
    case ContainerState::kExited:
      return "exited";
    case ContainerState::kDead:
      return "dead";
  }
  return "";
}

absl::string_view HealthStateName(HealthState state) {
  switch (state) {
    case HealthState::kNone:
      return "none";
    case HealthState::kStarting:
      return "starting";
    case HealthState::kHealthy:
      return "healthy";
    case HealthState::kUnhealthy:
      return "unhealthy";
  }
  return "";
}

std::string NormalizedTag(absl::string_view reference) {
  if (absl::StartsWith(reference, "sha256:")) return std::string(reference);
  if (!absl::ConsumePrefix(&reference, "docker.io/")) {
    absl::ConsumePrefix(&reference, "index.docker.io/");
  }
  absl::string_view rest = reference;
  // "library/x" is the same as "x", but "library/x/y" is a repository of its own.
  if (absl::ConsumePrefix(&rest, "library/") && rest.find('/') == rest.npos) reference = rest;

  const size_t digest = reference.find('@');
  absl::string_view name = reference.substr(0, digest);
  const size_t colon = name.rfind(':');
  const size_t slash = name.rfind('/');
  // A colon before the last slash belongs to the registry's port.
  const bool tagged = colon != name.npos && (slash == name.npos || colon > slash);
  if (digest != reference.npos) {
    if (tagged) name = name.substr(0, colon);
    return absl::StrCat(name, reference.substr(digest));
  }
  return tagged ? std::string(name) : absl::StrCat(name, ":latest");
}

ImageIds IdsByName(const std::vector<Image>& images) {
  ImageIds ids;
  for (const Image& image : images) {
    ids.emplace(image.id, image.id);
    for (const std::string& tag : image.tags) ids.emplace(NormalizedTag(tag), image.id);
    for (const std::string& digest : image.digests) ids.emplace(NormalizedTag(digest), image.id);
  }
  return ids;
}

}  // namespace nopo
