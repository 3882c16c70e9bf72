#include "daemon/project/image_names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/environment_levels.h"
#include "daemon/project/git_facts_cache.h"
#include "daemon/project/tag_family.h"

namespace nopo {
namespace {

// Where values come from that are computed anew with every call: never from nopo's block.
constexpr std::array kChosen = {Place::kProcess, Place::kUser};

bool HasImageOfItsOwn(const Target& target) {
  const bool has_recipe =
      !target.dockerfile.empty() || (target.build.has_value() && !target.build->command.empty());
  return target.kind == TargetKind::kService && target.image.empty() && has_recipe;
}

// The first of `places` that has `name`, else `otherwise`; nothing if both are empty.
void AddVariable(const std::string& name, const EnvironmentLevels& levels,
                 absl::Span<const Place> places, const std::string& otherwise,
                 EnvironmentMap& managed) {
  for (const Place place : places) {
    if (const auto value = levels.Get(place, name)) {
      managed[name] = *value;
      return;
    }
  }
  if (!otherwise.empty()) managed[name] = otherwise;
}

absl::Status NameTargets(const Project& project, const ImageReference& base,
                         const EnvironmentLevels& levels, ImageNames& names) {
  for (const Target& target : project.targets) {
    if (!HasImageOfItsOwn(target)) continue;
    ImageReference own = base;
    own.image = absl::StrCat(base.image, "-", TargetImagePart(target.id));
    own.digest.clear();
    const std::string variable = ImageVariable(target.id);
    for (const Place place : kChosen) {
      const auto value = levels.Get(place, variable);
      if (!value.has_value()) continue;
      if (const auto parsed = ParseImageReference(*value); !parsed.ok()) {
        return VariableError(levels, place, variable, parsed.status().message());
      }
    }
    AddVariable(variable, levels, kChosen, own.ToString(), names.managed);
    names.targets[target.id] = names.managed[variable];
  }
  return absl::OkStatus();
}

// What counts of DOCKER_PORT must be one.
absl::Status CheckPort(const EnvironmentLevels& levels) {
  for (const Place place : {Place::kProcess, Place::kUser, Place::kBlock}) {
    const auto value = levels.Get(place, "DOCKER_PORT");
    if (!value.has_value()) continue;
    int port = 0;
    const bool digits = std::all_of(value->begin(), value->end(), absl::ascii_isdigit);
    if (digits && absl::SimpleAtoi(*value, &port) && port >= 1 && port <= 65535) break;
    return VariableError(levels, place, "DOCKER_PORT",
                         absl::StrCat("found ", Quoted(*value), "; expected a port, 1 to 65535"));
  }
  return absl::OkStatus();
}

void AddGitVariables(const EnvironmentLevels& levels, const GitFacts* git,
                     EnvironmentMap& managed) {
  const GitFacts none{.repository = "", .branch = "", .commit = ""};
  const GitFacts& facts = git == nullptr ? none : *git;
  constexpr std::array kProcessOnly = {Place::kProcess};
  AddVariable("GIT_REPO", levels, kProcessOnly, facts.repository, managed);
  AddVariable("GIT_BRANCH", levels, kProcessOnly, facts.branch, managed);
  AddVariable("GIT_COMMIT", levels, kProcessOnly, facts.commit, managed);
}

}  // namespace

absl::StatusOr<ImageNames> ResolveImageNames(const Project& project,
                                             const EnvironmentLevels& levels, const GitFacts* git) {
  NOPO_ASSIGN_OR_RETURN(const TagFamily family, ResolveTagFamily(levels, project.slug));
  const ImageReference base = family.Reference();

  ImageNames names;
  names.base = base.ToString();
  names.version = base.version;
  names.registry = base.registry;
  EnvironmentMap& managed = names.managed;
  managed = {
      {"DOCKER_TAG", names.base}, {"DOCKER_IMAGE", base.image}, {"DOCKER_VERSION", base.version}};
  if (!base.registry.empty()) managed["DOCKER_REGISTRY"] = base.registry;
  if (!base.digest.empty()) managed["DOCKER_DIGEST"] = base.digest;
  NOPO_RETURN_IF_ERROR(CheckPort(levels));
  AddVariable("DOCKER_PORT", levels, {Place::kProcess, Place::kUser, Place::kBlock}, "", managed);
  const std::string mode = base.version == kDevelopmentVersion ? "development" : "production";
  AddVariable("DOCKER_TARGET", levels, kChosen, mode, managed);
  AddVariable("NODE_ENV", levels, kChosen, mode, managed);
  AddGitVariables(levels, git, managed);
  NOPO_RETURN_IF_ERROR(NameTargets(project, base, levels, names));
  return names;
}

std::vector<std::string> ManagedVariables(const Project& project) {
  std::vector<std::string> names = {"DOCKER_DIGEST",   "DOCKER_IMAGE", "DOCKER_PORT",
                                    "DOCKER_REGISTRY", "DOCKER_TAG",   "DOCKER_TARGET",
                                    "DOCKER_VERSION",  "GIT_BRANCH",   "GIT_COMMIT",
                                    "GIT_REPO",        "NODE_ENV"};
  for (const Target& target : project.targets) {
    if (HasImageOfItsOwn(target)) names.push_back(ImageVariable(target.id));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ImageOf(const Target& target, const ImageNames& names) {
  if (!target.image.empty()) return target.image;
  const auto it = names.targets.find(target.id);
  return it != names.targets.end() ? it->second : names.base;
}

}  // namespace nopo
