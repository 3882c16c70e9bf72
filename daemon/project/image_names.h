// Names of the images of a project, from the environment, `.env` and the project's name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

// "[registry/]image[:version][@sha256:digest]"
struct ImageReference {
  std::string registry;  // "" = none.
  std::string image;     // "team/shop"
  std::string version;
  std::string digest;
  std::string ToString() const;
};

// A first path component is a registry if it has a `.` or `:` or is `localhost`.
// Errors: INVALID_ARGUMENT saying which part does not parse.
absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text);

class EnvironmentLevels;
struct GitFacts;

struct ImageNames {
  std::string base;  // Tag of the base image: "shop:local".
  // Target id -> tag, for services that nopo builds an image of: those with a Dockerfile or a
  // build.command and without `image`. See ImageOf for the others.
  std::map<std::string, std::string> targets;
  std::string version;  // "local" unless set.
  std::string registry;
  // What the managed keys are worth, those without a value left out: DOCKER_*, NODE_ENV, GIT_*,
  // <TARGET>_IMAGE. DOCKER_PORT only where one has been chosen.
  EnvironmentMap managed;
};

// Resolves level by level: the caller's process, the user's keys in `.env`, nopo's own block in it,
// defaults. Without `git` the GIT_* variables are in `managed` only if the process has them.
//
// Errors (reason CONFIGURATION): a reference that does not parse, a digest without a version,
// naming where the value came from.
absl::StatusOr<ImageNames> ResolveImageNames(const Project& project,
                                             const EnvironmentLevels& levels, const GitFacts* git);

// The keys that nopo manages in this project, whether they have a value or not, sorted.
std::vector<std::string> ManagedVariables(const Project& project);

// The image that containers of `target` run: its own `image`, the one nopo builds for it, or the
// base image. The base image for packages and the root too, where `nopo run` puts them.
std::string ImageOf(const Target& target, const ImageNames& names);

// The part of a target's image name that stands for the target: a slug that keeps '.' and '_'.
std::string TargetImagePart(absl::string_view id);
// "WEB_IMAGE": the variable that overrides the image of target `id`.
std::string ImageVariable(absl::string_view id);

// Lower case, runs of other characters than a-z0-9 become '-', trimmed; "project" if nothing is
// left.
std::string Slug(absl::string_view name);

}  // namespace nopo
