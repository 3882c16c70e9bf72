// Images of engines as OCI layouts on disk, for a BuildKit that is elsewhere.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/shared_value.h"
#include "daemon/buildkit/buildkit_client.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// Keeps, for each name of an image, the layout of the image that had it last. Thread-safe.
class ImageLayouts {
 public:
  explicit ImageLayouts(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // The layout of image `id`, which `engine` has as `reference`: saved from the engine unless it
  // was before. The same image asked for by several is saved once.
  //
  // Errors: of the engine and of the file system; CANCELLED.
  absl::StatusOr<LocalImage> Get(DockerEngine& engine, const std::string& reference,
                                 const std::string& id, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using SharedImage = SharedValue<const LocalImage>;

  std::shared_ptr<SharedImage> ImageAt(const std::filesystem::path& directory)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::filesystem::path directory_;
  Mutex mutex_;
  // By directory; those under way, and those there for as long as somebody holds them.
  std::map<std::string, std::weak_ptr<SharedImage>> images_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
