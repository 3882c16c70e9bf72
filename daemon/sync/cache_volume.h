// The volume that keeps what dependency managers fetched, shared by all projects of an engine.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

inline constexpr char kCacheVolume[] = "nopo_base_cache";

struct CacheVolume {
  // A volume that was removed and made anew has another one: from a label that nopo gives it, else
  // from when the engine says it was made.
  std::string id;
  bool is_new = false;  // Made by this call: there is nothing in it.
};

// Unset when there is none.
//
// Errors: those of DockerEngine.
absl::StatusOr<std::optional<CacheVolume>> FindCacheVolume(DockerEngine& docker,
                                                           const Cancellation& cancellation);

// The same; makes it if there is none.
absl::StatusOr<CacheVolume> EnsureCacheVolume(DockerEngine& docker,
                                              const Cancellation& cancellation);

}  // namespace nopo
