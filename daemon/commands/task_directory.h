// Where a command runs: what its `dir` means on the host and in a container.
#pragma once

#include <string>

#include "daemon/project/project.h"

namespace nopo {

// `dir` is as Command::dir has it: "" = the target's directory, "root" = the project's, absolute as
// is, else relative to the target's directory. Absolute and lexically normal.
std::string HostDirectory(const Project& project, const Target& target, const std::string& dir);

// Whether a one-off container for a command with `dir` has the project mounted (at
// kProjectInContainer). A package's or the root's has: it runs on the base image, which holds none
// of their files. A service's runs on its own image's files, unless `dir` names a place in the
// project.
bool ContainerSeesProject(const Target& target, const std::string& dir);

// The container's path for `dir`: below the mount where the project is seen, an absolute one as is.
// For a service without `dir` where its containers work; "" where only its image knows that.
std::string ContainerDirectory(const Project& project, const Target& target,
                               const std::string& dir);

}  // namespace nopo
