// Keeps each project loaded, and proves on every call that what it kept is still what the files
// say.
//
// Thread-safe. A hit costs one stat for each file read and directory listed; an edit that a stat
// shows (size, times to the nanosecond, inode, mode, kind) loads anew what it is about. A file that
// was last changed so shortly before it was read that a later edit could carry the same times is
// read again.
#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "common/debug_log.h"
#include "common/mutex.h"
#include "daemon/project/project_loader.h"

namespace nopo {

class ProjectCache {
 public:
  // Tells `log` whether it was a hit, else why not and what was read. See LoadProject for errors;
  // an error is never cached.
  absl::StatusOr<std::shared_ptr<const Project>> Get(const std::filesystem::path& root,
                                                     DebugLog& log = NoDebugLog())
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Projects held.
  int size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    LoadedProject loaded;
    absl::Time loaded_at;
  };
  mutable Mutex mutex_;
  std::map<std::filesystem::path, std::shared_ptr<const Entry>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
