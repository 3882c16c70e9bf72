// SolveOptions as BuildKit wants them.
#pragma once

#include <map>
#include <string>

#include "daemon/buildkit/buildkit_client.h"

namespace moby::buildkit::v1 {
class SolveRequest;
class SolveResponse;
}  // namespace moby::buildkit::v1

namespace nopo {

// The build `ref` whose files are served on session `session_id`, the Dockerfile as
// `dockerfile_directory`.
moby::buildkit::v1::SolveRequest SolveRequestFrom(const SolveOptions& options,
                                                  const std::string& dockerfile_directory,
                                                  const std::string& ref,
                                                  const std::string& session_id);

// The files of the directory in which BuildKit looks for the Dockerfile: text by name.
std::map<std::string, std::string> DockerfileDirectory(const SolveOptions& options);

// Fills in which image came out.
void ReadImageId(const moby::buildkit::v1::SolveResponse& response, SolveResult& result);

}  // namespace nopo
