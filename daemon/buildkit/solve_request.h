// SolveOptions as BuildKit wants them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/buildkit/buildkit_client.h"
#include "daemon/buildkit/session_grants.h"

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

// The image's names as the exporter is given them, separated by commas.
std::string ExportedName(const SolveOptions& options);

// What the session has to serve so that FROM finds `options.local_images`, by id.
std::map<std::string, std::shared_ptr<const ContentStore>> LocalImageStores(
    const SolveOptions& options);

// The files of the directory in which BuildKit looks for the Dockerfile: text by name.
std::map<std::string, std::string> DockerfileDirectory(const SolveOptions& options);

// The descriptor of the cache that was exported to local directories; "" when none was.
std::string CacheManifest(const moby::buildkit::v1::SolveResponse& response);

// Fills in which image came out.
void ReadImageId(const moby::buildkit::v1::SolveResponse& response, SolveResult& result);

}  // namespace nopo
