// The ids of images, asked of the engine name by name and remembered: its list of all images takes
// long.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// Thread-safe.
class ImageLookup {
 public:
  // `engine` must outlive it.
  explicit ImageLookup(DockerEngine& engine) : engine_(engine) {}

  // NormalizedTag of each of `references` -> "sha256:..."; what names no image is left out. What
  // was asked at `oldest` or later is not asked again.
  //
  // Errors: the engine's.
  absl::StatusOr<ImageIds> Find(const std::vector<std::string>& references, absl::Time oldest,
                                const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

  // Something was heard that may have changed an image.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Answer {
    std::string id;  // "": no image.
    absl::Time asked;
  };

  using Names = std::set<std::string>;

  // What is known of `names` as of `oldest`; takes those out of `names`.
  ImageIds TakeKnownLocked(Names& names, absl::Time oldest) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<ImageIds> Ask(const Names& names, const Cancellation& cancellation);
  void RememberLocked(const Names& names, const ImageIds& ids, absl::Time asked)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  DockerEngine& engine_;
  Mutex mutex_;
  int64_t forgotten_ ABSL_GUARDED_BY(mutex_) = 0;  // How often.
  std::map<std::string, Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
