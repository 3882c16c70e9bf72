// Which caches besides BuildKit's own a build reads and writes: DOCKER_BUILDKIT_CACHE, --cache-to
// and the like. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/buildkit/buildkit_client.h"

namespace nopo {

struct CacheSettings {
  std::vector<CacheEntry> from, to;
  bool empty() const { return from.empty() && to.empty(); }
};

// Reads "type=registry,ref=r.example/cache;type=local,src=dir": entries apart by ';' or newlines,
// named as BuildKit names them. A bare reference is a registry's. `source` is what to blame:
// "--cache-from".
//
// Errors: INVALID_ARGUMENT (BAD_ARGUMENTS).
absl::StatusOr<std::vector<CacheEntry>> ParseCacheEntries(absl::string_view text,
                                                          absl::string_view source);

// One image of a project.
struct CacheScope {
  std::string project;         // Its slug.
  std::filesystem::path root;  // What local folders are relative to.
  std::string target;
  std::string image;  // Its tag.
};

// `settings` for that image alone, so that images of a project do not overwrite each other's cache.
// "{target}" stands for the target wherever it is written. An entry without it has its own place
// made up: registry a tag "TAG-TARGET" (imports also look under the name as written), local a
// folder below, gha a scope, s3 and azblob a name. An import of type inline means what the image's
// own registry has.
CacheSettings ScopedTo(const CacheScope& scope, const CacheSettings& settings);

// What GitHub's cache service needs and the runner gives in its environment, of either version of
// the service: token, url, url_v2. Attributes that are there stay.
void AddGithubToken(const std::function<std::string(absl::string_view)>& environment,
                    CacheEntry& entry);
// Whether `entry`, a gha cache, has all it takes to reach the service.
bool HasGithubToken(const CacheEntry& entry);

}  // namespace nopo
