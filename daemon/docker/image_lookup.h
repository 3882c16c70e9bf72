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
  // was asked at `oldest` or later is not asked again, and what another thread asks is waited for.
  //
  // Errors: the engine's; CANCELLED.
  absl::StatusOr<ImageIds> Find(const std::vector<std::string>& references, absl::Time oldest,
                                const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

  // Something was heard that may have changed any image.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);
  // An event was heard. One that tells of a tag leaves alone what is known of other names.
  void Note(const EngineEvent& event) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Answer {
    std::string id;  // "": no image.
    absl::Time asked;
  };

  using Names = std::set<std::string>;

  // Moves those of `names` of which something is known as of `oldest` into `ids`.
  void TakeKnownLocked(Names& names, absl::Time oldest, ImageIds& ids)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of `names` those that no other thread asks for since `oldest`, marked as asked for from `now`.
  Names MarkLocked(const Names& names, absl::Time oldest, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Asks for marked names and takes the marks away. What it finds is in the last argument.
  absl::Status AskMarked(const Names& names, absl::Time asked, const Cancellation& cancellation,
                         ImageIds& ids) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<ImageIds> Ask(const Names& names, const Cancellation& cancellation);
  void RememberLocked(const Names& names, const ImageIds& ids, absl::Time asked)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  DockerEngine& engine_;
  Mutex mutex_;
  CondVar changed_;                                // For those who wait for another's question.
  int64_t forgotten_ ABSL_GUARDED_BY(mutex_) = 0;  // How often something was.
  std::map<std::string, Answer> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> asked_for_
      ABSL_GUARDED_BY(mutex_);  // Under way, and since when.
};

}  // namespace nopo
