// Which caches a request uses: what the user asks for, as far as BuildKit can. Pure apart from its
// warnings.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/build/cache_settings.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// --cache-from and --cache-to; each may hold several entries.
struct CacheRequest {
  std::vector<std::string> from, to;
};

// The options, else DOCKER_BUILDKIT_CACHE and DOCKER_BUILDKIT_CACHE_TO, else, where GITHUB_ACTIONS
// is "true", GitHub's cache both ways. `variable` answers "" for an unset one. A cache of GitHub's
// without the runner's token is left out with a warning.
//
// Errors: those of ParseCacheEntries.
absl::StatusOr<CacheSettings> ChooseCaches(
    const CacheRequest& request, const std::function<std::string(absl::string_view)>& variable,
    EventSink& events);

// `settings` as far as BuildKit can: GitHub's cache is left out with a warning where it cannot.
//
// Errors: FAILED_PRECONDITION (BUILD_FAILED), saying what would help, for another export that this
// BuildKit cannot do.
absl::StatusOr<CacheSettings> CheckCaches(CacheSettings settings,
                                          const BuildkitCapabilities& capabilities,
                                          EventSink& events);

}  // namespace nopo
