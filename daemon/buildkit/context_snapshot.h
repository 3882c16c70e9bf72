// A build context as it was at one moment, served to BuildKit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "daemon/buildkit/file_tree.h"
#include "daemon/buildkit/synced_directory.h"

namespace nopo {

// Lists what was there when `tree` was read, whatever happened since, and reads contents as they
// are wanted. A file is only good if it is still in the listed state once its last byte was read;
// anything else would give an image of which nobody knows what is in it.
class ContextSnapshot final : public SyncedDirectory {
 public:
  // What to do about a file that has changed since it was listed, or vanished.
  enum class OnChange {
    kFail,  // End the transfer: whoever builds takes a new snapshot.
    kSend,  // Send what is there; of a file that grows what it held when it was opened.
  };

  // `version` names the state of `tree`. `copies_since`: since when the engine has had copies of
  // the directory.
  //
  // By size and modification time the engine decides whether it has a file. One that came since to
  // its place with an older time (`cp -p`, `touch -r`) may equal another in these, so the engine is
  // told its time with other digits below the millisecond, the same until it changes again. An
  // image's layers keep whole seconds.
  ContextSnapshot(std::shared_ptr<const FileTree> tree, std::string version, OnChange on_change,
                  absl::Time copies_since = absl::InfiniteFuture());

  const FileTree& tree() const { return *tree_; }
  OnChange on_change() const { return on_change_; }
  // Files met so far that had changed, sorted; relative to the root.
  std::vector<std::string> ChangedFiles() const ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Status Walk(const SyncRequest& request, EntrySink sink) const override;
  // Errors: PERMISSION_DENIED for a file that may not be read, UNKNOWN for one that cannot, both
  // naming it; ABORTED for one that changed, with kFail.
  absl::Status Read(const std::string& path, size_t limit, std::string& buffer,
                    absl::FunctionRef<bool()> sink) const override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const TreeEntry* Find(const std::string& path) const;
  // Whether size and modification time may be those of another file that the engine has.
  bool MayBeTakenForAnother(const TreeEntry& entry) const;
  // Notes that the file changed; the error that follows from that.
  absl::Status Changed(const std::string& path) const ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<const FileTree> tree_;
  const OnChange on_change_;
  const int64_t copies_since_ns_;
  mutable Mutex mutex_;
  mutable std::vector<std::string> changed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
