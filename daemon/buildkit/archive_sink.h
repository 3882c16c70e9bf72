// Where an image goes that BuildKit sends as an archive.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Takes the archive's bytes in their order; used by one thread. Destroyed early when the archive
// ended before it was whole.
class ArchiveSink {
 public:
  virtual ~ArchiveSink() = default;
  // Blocks while the other side is busy, so that nothing piles up.
  virtual absl::Status Write(absl::string_view bytes) = 0;
  // The archive is whole; blocks until the image is there.
  virtual absl::Status Finish() = 0;
};

// Called on a thread of the session's own before BuildKit sends the image whose configuration has
// digest `id`. Null: the image is there already and need not be sent.
using ArchiveOpener =
    std::function<absl::StatusOr<std::unique_ptr<ArchiveSink>>(const std::string& id)>;

}  // namespace nopo
