// The file through which clients find the daemon's socket.
#pragma once

#include <sys/types.h>

#include <filesystem>

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

  // Whether clients still find it.
  bool IsThere() const;
  // Removes it, unless it is not there.
  void Remove() const;
  // Readable (poll) when IsThere() may have changed; -1 when that cannot be told.
  int change_fd() const { return changes_.get(); }
  // Makes it readable anew for what changes from now on.
  void TakeChanges() const;

 private:
  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  UniqueFd changes_;  // inotify of the folder.
};

}  // namespace nopo
