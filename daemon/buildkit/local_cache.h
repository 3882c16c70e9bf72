// Caches of type "local": directories of this machine, in the form of OCI layouts, which BuildKit
// reads and writes through the session. What is in them for which build, their index says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/buildkit/buildkit_client.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {

// `entries` with the digests that BuildKit wants of local ones. Those whose directory holds nothing
// (under their attribute `tag`, "latest" without one) are left out, as a missing import never fails
// a build.
std::vector<CacheEntry> WithLocalDigests(std::vector<CacheEntry> entries);

// What the session has to serve for the local caches among `from` and `to`, by the id under which
// BuildKit asks for it.
std::map<std::string, std::shared_ptr<const ContentStore>> LocalCacheStores(
    const std::vector<CacheEntry>& from, const std::vector<CacheEntry>& to);

// Enters what BuildKit has written into the indexes of the local ones among `entries`; `manifest`
// is the descriptor that it answered, "" when there was nothing to export.
absl::Status TagLocalExports(const std::vector<CacheEntry>& entries, absl::string_view manifest);

}  // namespace nopo
