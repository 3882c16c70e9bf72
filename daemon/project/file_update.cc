#include "daemon/project/file_update.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"
#include "daemon/project/text_file.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissionBits = 07777;
constexpr absl::Duration kLockInterval = absl::Milliseconds(2);

absl::Status CannotWrite(absl::string_view why) {
  return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission,
                   absl::StrCat("cannot be written: ", why));
}

absl::Status CannotWrite(const fs::path& file, int error) {
  const std::string why = absl::StrCat(file.native(), ": ", std::strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS) return CannotWrite(why);
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrCat("cannot be written: ", why));
}

// What `path` leads to, which need not exist.
absl::StatusOr<fs::path> FollowLinks(fs::path path) {
  constexpr int kMostLinks = 40;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) return path;
    const fs::path target = fs::read_symlink(path, error);
    if (error) return CannotWrite(path, error.value());
    path = path.parent_path() / target;
  }
  return CannotWrite(path, ELOOP);
}

// What must not have changed when the file is replaced.
struct Content {
  bool exists = false;
  std::string text;
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  friend bool operator==(const Content&, const Content&) = default;
};

absl::StatusOr<Content> ReadContent(const fs::path& file) {
  Content content;
  absl::StatusOr<std::string> text = ReadTextFile(file, ByteOrderMark::kKeep);
  if (absl::IsNotFound(text.status())) return content;
  if (!text.ok()) return text.status();
  content.text = *std::move(text);
  struct stat status;
  if (::stat(file.c_str(), &status) != 0) return content;  // Gone again.
  content.exists = true;
  content.mode = status.st_mode & kPermissionBits;
  content.owner = status.st_uid;
  content.group = status.st_gid;
  return content;
}

// A file of ours with no other name: nobody can have put it there to be written through.
bool IsOurs(const struct stat& status) {
  return S_ISREG(status.st_mode) && status.st_nlink <= 1 && status.st_uid == ::geteuid();
}

absl::Status Lock(int fd, const Cancellation& cancellation) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    // Some file systems know no locks; the look before replacing has to do there.
    if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS) break;
    if (errno != EWOULDBLOCK && errno != EINTR) return CannotWrite(std::strerror(errno));
    if (cancellation.WaitUntil(absl::Now() + kLockInterval)) return cancellation.Check();
  }
  return absl::OkStatus();
}

// The scratch file, which is there while it is locked by us: whoever had it before has renamed or
// removed it, and then it is another file that has its name.
absl::StatusOr<UniqueFd> OpenScratch(const fs::path& scratch, const Cancellation& cancellation) {
  while (true) {
    UniqueFd fd(::open(scratch.c_str(),
                       O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600));
    if (!fd.valid()) return CannotWrite(scratch, errno);
    NOPO_RETURN_IF_ERROR(Lock(fd.get(), cancellation));
    struct stat opened, named;
    if (::fstat(fd.get(), &opened) != 0) return CannotWrite(scratch, errno);
    if (::stat(scratch.c_str(), &named) != 0 || named.st_ino != opened.st_ino ||
        named.st_dev != opened.st_dev) {
      continue;
    }
    if (IsOurs(opened)) return fd;
    return CannotWrite(absl::StrCat(scratch.native(), " is in the way"));
  }
}

// Makes `scratch` ready to take the place of what `old` was.
absl::Status Fill(int scratch, const std::string& text, const Content& old, mode_t umask) {
  bool ok = ::ftruncate(scratch, 0) == 0;
  for (size_t at = 0; ok && at < text.size();) {
    const ssize_t count =
        ::pwrite(scratch, text.data() + at, text.size() - at, static_cast<off_t>(at));
    ok = count >= 0 || errno == EINTR;
    if (count > 0) at += static_cast<size_t>(count);
  }
  // Only root may give files away; a group may be one of ours.
  if (ok && old.exists && ::fchown(scratch, old.owner, old.group) != 0) {
    [[maybe_unused]] const int ignored = ::fchown(scratch, static_cast<uid_t>(-1), old.group);
  }
  ok = ok && ::fchmod(scratch, old.exists ? old.mode : 0666 & ~umask) == 0;
  ok = ok && ::fsync(scratch) == 0;
  return ok ? absl::OkStatus() : CannotWrite(std::strerror(errno));
}

// After a loss of power the directory must know the new file, too.
void SyncDirectory(const fs::path& dir) {
  const UniqueFd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid()) ::fsync(fd.get());
}

// With `scratch` locked. True when done, false when the file has changed meanwhile.
absl::StatusOr<bool> TryReplace(const fs::path& target, const fs::path& scratch, int scratch_fd,
                                mode_t umask, const TextChange& change) {
  NOPO_ASSIGN_OR_RETURN(const Content old, ReadContent(target));
  NOPO_ASSIGN_OR_RETURN(const std::optional<std::string> text, change(old.text));
  if (!text.has_value()) {
    ::unlink(scratch.c_str());
    return true;
  }
  // Renaming would replace a file that its owner has protected.
  if (old.exists && ::access(target.c_str(), W_OK) != 0) return CannotWrite(target, errno);
  NOPO_RETURN_IF_ERROR(Fill(scratch_fd, *text, old, umask));
  NOPO_ASSIGN_OR_RETURN(const Content now, ReadContent(target));
  if (now != old) return false;
  if (::rename(scratch.c_str(), target.c_str()) != 0) return CannotWrite(target, errno);
  SyncDirectory(target.parent_path());
  return true;
}

}  // namespace

absl::Status UpdateTextFile(const fs::path& path, mode_t umask, const TextChange& change,
                            const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const Content content, ReadContent(path));
  NOPO_ASSIGN_OR_RETURN(const std::optional<std::string> text, change(content.text));
  if (!text.has_value()) return absl::OkStatus();
  NOPO_ASSIGN_OR_RETURN(const fs::path target, FollowLinks(path));
  std::error_code error;
  if (fs::status(target.parent_path(), error).type() == fs::file_type::not_found) {
    return CannotWrite(target.parent_path(), ENOENT);
  }
  fs::path scratch = target;
  scratch += ".nopo~";
  NOPO_ASSIGN_OR_RETURN(const UniqueFd fd, OpenScratch(scratch, cancellation));
  absl::StatusOr<bool> done = false;
  while (done.ok() && !*done) {
    done = TryReplace(target, scratch, fd.get(), umask, change);
    if (done.ok() && !*done && cancellation.IsCancelled()) done = cancellation.Check();
  }
  if (!done.ok()) ::unlink(scratch.c_str());
  return done.status();
}

}  // namespace nopo
