#include "daemon/project/variable_sources.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/project/environment_levels.h"
#include "daemon/project/git_facts_cache.h"
#include "daemon/project/tag_family.h"

namespace nopo {
namespace {

constexpr std::array kReadPlaces = {Place::kProcess, Place::kUser, Place::kBlock};

struct Component {
  const char* variable;
  TagPart TagFamily::*part;
  std::string ImageReference::*member;
  const char* default_note;
};
constexpr std::array<Component, 4> kComponents = {{
    {"DOCKER_REGISTRY", &TagFamily::registry, &ImageReference::registry, "no registry"},
    {"DOCKER_IMAGE", &TagFamily::image, &ImageReference::image, "the project's name"},
    {"DOCKER_VERSION", &TagFamily::version, &ImageReference::version, "the default"},
    {"DOCKER_DIGEST", &TagFamily::digest, &ImageReference::digest, "no digest"},
}};

// Which places each is read from: some say what to do before there is a project.
struct SteeringVariable {
  const char* name;
  bool in_dotenv;
};
constexpr std::array kSteering = {
    SteeringVariable{"BUILDKIT_HOST", true},
    SteeringVariable{"CI", false},
    SteeringVariable{"DEBUG", false},
    SteeringVariable{"DOCKER_BUILD", true},
    SteeringVariable{"DOCKER_BUILDER", true},
    SteeringVariable{"DOCKER_BUILDKIT_CACHE", true},
    SteeringVariable{"DOCKER_BUILDKIT_CACHE_TO", true},
    SteeringVariable{"DOCKER_CONFIG", false},
    SteeringVariable{"DOCKER_CONTEXT", false},
    SteeringVariable{"DOCKER_HOST", false},
    SteeringVariable{"DOCKER_PLATFORMS", true},
    SteeringVariable{"DOCKER_PUSH", true},
    SteeringVariable{"ENV_FILE", false},
    SteeringVariable{"FORCE_COLOR", false},
    SteeringVariable{"GITHUB_ACTIONS", true},
    SteeringVariable{"LOG_LEVEL", false},
    SteeringVariable{"NOPO_DAEMON", false},
    SteeringVariable{"NOPO_SOCKET", false},
    SteeringVariable{"NO_COLOR", false},
    SteeringVariable{"ROOT_DIR", false},
};

const SteeringVariable* FindSteering(const std::string& key) {
  for (const SteeringVariable& variable : kSteering) {
    if (key == variable.name) return &variable;
  }
  return nullptr;
}

std::optional<std::string> NonEmpty(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional(value);
}

const char* VariableOf(const TagPart& part, const Component& component) {
  return part.in_tag ? "DOCKER_TAG" : component.variable;
}

VariableOrigin TagOrigin(const TagFamily& family, const EnvironmentLevels& levels) {
  VariableOrigin origin{.value = family.Reference().ToString()};
  for (const Component& component : kComponents) {
    const TagPart& part = family.*component.part;
    const bool computed = part.place == Place::kComputed;
    origin.sources.push_back(
        {.place = levels.Describe(part.place, VariableOf(part, component)),
         .value = NonEmpty(part.value),
         .note = computed ? absl::StrCat(component.variable, ", ", component.default_note)
                          : component.variable,
         .wins = !part.value.empty()});
  }
  return origin;
}

// What one place says of a component: by its DOCKER_TAG, which is whole, or by itself.
VariableSource ComponentSource(const Component& component, Place place, const TagPart& winner,
                               const EnvironmentLevels& levels) {
  VariableSource source{.wins = winner.place == place && !winner.value.empty()};
  const auto tag = levels.Get(place, "DOCKER_TAG");
  source.place = levels.Describe(place, tag.has_value() ? "DOCKER_TAG" : component.variable);
  if (!tag.has_value()) {
    source.value = levels.Get(place, component.variable);
    return source;
  }
  source.note = absl::StrCat("part of DOCKER_TAG=", *tag);
  const absl::StatusOr<ImageReference> reference = ParseImageReference(*tag);
  if (reference.ok()) source.value = NonEmpty((*reference).*component.member);
  if (source.wins) source.value = winner.value;  // The version that a tag without one means.
  return source;
}

VariableOrigin ComponentOrigin(const Component& component, const TagFamily& family,
                               const EnvironmentLevels& levels, const std::string& slug) {
  const TagPart& part = family.*component.part;
  VariableOrigin origin{.value = part.value};
  for (const Place place : kReadPlaces) {
    origin.sources.push_back(ComponentSource(component, place, part, levels));
  }
  const ImageReference defaults{.image = slug, .version = kDevelopmentVersion};
  origin.sources.push_back({.place = levels.Describe(Place::kComputed, ""),
                            .value = NonEmpty(defaults.*component.member),
                            .note = component.default_note,
                            .wins = part.place == Place::kComputed && !part.value.empty()});
  return origin;
}

// Whether the value of managed `key` is taken from `place` at all.
bool IsRead(const std::string& key, Place place) {
  if (place == Place::kProcess) return true;
  if (const SteeringVariable* variable = FindSteering(key); variable != nullptr) {
    return place == Place::kUser && variable->in_dotenv;
  }
  if (absl::StartsWith(key, "GIT_")) return false;
  return place == Place::kUser || key == "DOCKER_PORT";
}

std::string ComputedNote(const std::string& key) {
  if (absl::StartsWith(key, "GIT_")) return "asked of git";
  if (key == "DOCKER_PORT") return "a free port, chosen when it is written";
  if (key == "DOCKER_TARGET" || key == "NODE_ENV") return "from DOCKER_VERSION";
  return "from DOCKER_TAG";
}

// The value that `key` would have if nobody had set it.
absl::StatusOr<std::optional<std::string>> Computed(const std::string& key, const Project& project,
                                                    EnvironmentMap process, Dotenv dotenv,
                                                    const GitFacts& git) {
  process.erase(key);
  dotenv.user.erase(key);
  dotenv.block.erase(key);
  const EnvironmentLevels levels(process, dotenv);
  NOPO_ASSIGN_OR_RETURN(const ImageNames names, ResolveImageNames(project, levels, &git));
  const auto value = names.managed.find(key);
  if (value == names.managed.end()) return std::nullopt;
  return std::optional(value->second);
}

// `nopos`: nopo itself reads it, not only Compose.
VariableOrigin PlainOrigin(const std::string& key, bool nopos, const EnvironmentLevels& levels) {
  VariableOrigin origin;
  bool found = false;
  for (const Place place : kReadPlaces) {
    const bool read = nopos ? IsRead(key, place) : place != Place::kBlock;
    VariableSource source{.place = levels.Describe(place, key), .value = levels.Get(place, key)};
    if (!read && !source.value.has_value()) continue;
    if (!read) source.note = "not read";
    source.wins = read && !found && source.value.has_value();
    if (source.wins) origin.value = *source.value;
    found = found || source.wins;
    origin.sources.push_back(std::move(source));
  }
  return origin;
}

}  // namespace

std::vector<std::string> SteeringVariables() {
  std::vector<std::string> names;
  for (const SteeringVariable& variable : kSteering) names.emplace_back(variable.name);
  return names;
}

absl::StatusOr<VariableOrigin> FindVariableOrigin(const std::string& key, const Project& project,
                                                  const EnvironmentMap& process,
                                                  const Dotenv& dotenv, const GitFacts& git) {
  const EnvironmentLevels levels(process, dotenv);
  NOPO_ASSIGN_OR_RETURN(const TagFamily family, ResolveTagFamily(levels, project.slug));
  if (key == "DOCKER_TAG") return TagOrigin(family, levels);
  for (const Component& component : kComponents) {
    if (key == component.variable) return ComponentOrigin(component, family, levels, project.slug);
  }
  const std::vector<std::string> known = ManagedVariables(project);
  const bool managed = std::binary_search(known.begin(), known.end(), key);
  const bool steers = FindSteering(key) != nullptr;
  if (!managed && !steers && !dotenv.user.contains(key)) return absl::NotFoundError(key);
  VariableOrigin origin = PlainOrigin(key, managed || steers, levels);
  if (!managed) return origin;
  const bool decided = !origin.value.empty();
  VariableSource computed{.place = levels.Describe(Place::kComputed, key),
                          .note = ComputedNote(key)};
  NOPO_ASSIGN_OR_RETURN(computed.value, Computed(key, project, process, dotenv, git));
  computed.wins = !decided && computed.value.has_value();
  if (computed.wins) origin.value = *computed.value;
  origin.sources.push_back(std::move(computed));
  return origin;
}

}  // namespace nopo
