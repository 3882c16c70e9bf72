// The file through which clients find the daemon's socket.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "common/unique_fd.h"

namespace nopo {

// Removes the socket at `path`; nothing there is fine. A user's own file may be what NOPO_SOCKET
// names.
//
// Errors: CONFIGURATION when something else than a socket lies there; it is left alone.
absl::Status RemoveSocketFile(const std::filesystem::path& path);

// A socket file that this process made. Others may take it away, with its folder or to clear up,
// and put their own in its place.
class SocketFile {
 public:
  // Of the socket bound to `path` just now.
  explicit SocketFile(std::filesystem::path path);

  // Removes it, if clients still find it.
  void Remove() const;
  // Whether somebody else has taken it away. Thread-safe.
  bool IsLost() const;
  // Readable (poll) when IsLost() may have changed; -1 when that cannot be told.
  int change_fd() const { return changes_.get(); }
  // Makes it readable anew for what changes from now on.
  void TakeChanges() const;

 private:
  bool IsThere() const;

  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  UniqueFd changes_;  // inotify of the folder.
  // Whether Remove() was called.
  std::unique_ptr<std::atomic<bool>> removed_ = std::make_unique<std::atomic<bool>>(false);
};

}  // namespace nopo
