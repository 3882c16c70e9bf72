#include "daemon/rpc/socket_file.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {

absl::Status RemoveSocketFile(const std::filesystem::path& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return absl::OkStatus();
  if (!S_ISSOCK(file.st_mode)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     absl::StrCat("what lies at ", path.string(),
                                  " is no socket and is left alone; name another path in "
                                  "NOPO_SOCKET, or move it away"));
  }
  ::unlink(path.c_str());
  return absl::OkStatus();
}

SocketFile::SocketFile(std::filesystem::path path)
    : path_(std::move(path)), changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  // Watched first: what happens in between is found by looking.
  if (::inotify_add_watch(changes_.get(), path_.parent_path().c_str(),
                          IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF) < 0) {
    changes_.Reset();
  }
  struct stat file {};
  if (::lstat(path_.c_str(), &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

bool SocketFile::IsThere() const {
  struct stat file {};
  return ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
}

bool SocketFile::IsLost() const { return !*removed_ && !IsThere(); }

void SocketFile::Remove() const {
  *removed_ = true;
  if (IsThere()) ::unlink(path_.c_str());
}

void SocketFile::TakeChanges() const {
  char events[4096];
  while (::read(changes_.get(), events, sizeof(events)) > 0) {
  }
}

}  // namespace nopo
