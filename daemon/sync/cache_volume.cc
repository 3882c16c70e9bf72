#include "daemon/sync/cache_volume.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/random_hex.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr char kLabelIdentity[] = "nopo.cache.id";
constexpr size_t kIdentityDigits = 32;

}  // namespace

absl::StatusOr<std::optional<CacheVolume>> FindCacheVolume(DockerEngine& docker,
                                                           const Cancellation& cancellation) {
  const absl::StatusOr<Volume> volume = docker.InspectVolume(kCacheVolume, cancellation);
  if (absl::IsNotFound(volume.status())) return std::optional<CacheVolume>();
  NOPO_RETURN_IF_ERROR(volume.status());
  const auto label = volume->labels.find(kLabelIdentity);
  return CacheVolume{.id = label != volume->labels.end() ? label->second : volume->created};
}

absl::StatusOr<CacheVolume> EnsureCacheVolume(DockerEngine& docker,
                                              const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(std::optional<CacheVolume> found, FindCacheVolume(docker, cancellation));
  if (found.has_value()) return *std::move(found);
  const std::string identity = RandomHex(kIdentityDigits);
  NOPO_RETURN_IF_ERROR(
      docker.CreateVolume(kCacheVolume, {{kLabelIdentity, identity}}, cancellation));
  // Somebody else may have been first: the engine then leaves theirs as it is.
  NOPO_ASSIGN_OR_RETURN(found, FindCacheVolume(docker, cancellation));
  if (!found.has_value()) {
    return MakeError(
        absl::StatusCode::kAborted, Reason::kEngineFailed,
        absl::StrCat("the volume ", kCacheVolume, " was removed a moment after it was made"));
  }
  found->is_new = found->id == identity;
  return *std::move(found);
}

}  // namespace nopo
