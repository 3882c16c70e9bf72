// The labels by which Docker Compose, and nopo, recognise what belongs to a project.
//
// Names and values are Compose's, so that `docker compose -p PROJECT ps|logs|down` works on what
// nopo made; the only one of our own is kLabelConfigHash.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "daemon/docker/types.h"

namespace nopo {

inline constexpr char kLabelProject[] = "com.docker.compose.project";
inline constexpr char kLabelService[] = "com.docker.compose.service";
inline constexpr char kLabelNumber[] = "com.docker.compose.container-number";
inline constexpr char kLabelOneOff[] = "com.docker.compose.oneoff";  // "True" or "False".
inline constexpr char kLabelSlug[] = "com.docker.compose.slug";      // Of a one-off container.
inline constexpr char kLabelImage[] = "com.docker.compose.image";    // Id of the image.
inline constexpr char kLabelReplace[] = "com.docker.compose.replace";
inline constexpr char kLabelDependsOn[] = "com.docker.compose.depends_on";
inline constexpr char kLabelWorkingDir[] = "com.docker.compose.project.working_dir";
inline constexpr char kLabelConfigFiles[] = "com.docker.compose.project.config_files";
inline constexpr char kLabelComposeHash[] = "com.docker.compose.config-hash";
inline constexpr char kLabelNetwork[] = "com.docker.compose.network";
inline constexpr char kLabelVolume[] = "com.docker.compose.volume";
inline constexpr char kLabelVersion[] = "com.docker.compose.version";
inline constexpr char kLabelConfigHash[] = "nopo.config-hash";

// The release of Compose whose conventions the labels follow.
inline constexpr char kComposeVersion[] = "2.26.1";

// "" when `labels` has no such key.
std::string LabelOf(const Labels& labels, absl::string_view key);
// The number in its service, from 1; 0 when the label is absent or no number.
int ContainerNumber(const Container& container);
// Made by a `run`, not part of what a service consists of.
bool IsOneOff(const Container& container);

}  // namespace nopo
