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
#include <vector>

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
  // What the project at `root` is read from as it is now, whether or not it has mistakes: every
  // file read or looked for and every directory listed, each as it was before it was read.
  std::vector<FileStamp> FilesOf(const std::filesystem::path& root) ABSL_LOCKS_EXCLUDED(mutex_);
  // Projects held.
  int size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    LoadedProject loaded;
    absl::Time loaded_at;
  };
  // What is kept, if it is still true, else what is read now, and then kept. See LoadProject for
  // `looked_at`, which only a load fills.
  absl::StatusOr<std::shared_ptr<const Entry>> Find(const std::filesystem::path& root,
                                                    DebugLog& log,
                                                    std::vector<FileStamp>* looked_at)
      ABSL_LOCKS_EXCLUDED(mutex_);

  mutable Mutex mutex_;
  std::map<std::filesystem::path, std::shared_ptr<const Entry>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
