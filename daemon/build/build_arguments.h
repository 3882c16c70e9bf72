// The build arguments that nopo gives to Dockerfiles.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

using BuildArguments = std::map<std::string, std::string>;

// What every Dockerfile may declare: DOCKER_*, GIT_*, SERVICE_NAME (`target_id`), NOPO_APP_UID and
// NOPO_APP_GID.
BuildArguments CommonArguments(const Project& project, const std::string& target_id,
                               const ImageNames& names);

// What nopo/docker/Dockerfile may declare besides: BASE_FROM, OS_PACKAGES ("jq=1.6 curl"), USER,
// USER_ID, USER_HOME.
BuildArguments BaseImageArguments(const BaseImage& os);

// `given` over `common`, of which only what is `declared` or known to BuildKit without an ARG
// stays: an undeclared one would only change the key under which steps are cached.
BuildArguments SelectArguments(const std::set<std::string>& declared, const BuildArguments& common,
                               const BuildArguments& given);

// `packages` as package managers take them: "jq=1.6".
std::vector<std::string> PackageSpecs(const BaseImage& os);

// The login name of the user that base images get.
inline constexpr char kImageUser[] = "nopo";

}  // namespace nopo
