#include "daemon/project/file_stamp.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

// How far apart two changes must be for a file system to give them different times: the kernel's
// tick, or a whole second or two where it shows no fractions.
absl::Duration Granularity(const FileStamp& stamp) {
  const bool whole_seconds =
      stamp.mtime_ns % kNanosecondsPerSecond == 0 && stamp.ctime_ns % kNanosecondsPerSecond == 0;
  return whole_seconds ? absl::Seconds(2) : absl::Milliseconds(20);
}

// A later edit would show: the last change lies far enough before `read_at`.
bool IsSettled(const FileStamp& stamp, absl::Time read_at) {
  if (!stamp.exists) return true;
  const absl::Time changed = absl::FromUnixNanos(std::max(stamp.mtime_ns, stamp.ctime_ns));
  return changed + Granularity(stamp) < read_at;
}

}  // namespace

FileStamp StampOf(const std::filesystem::path& path) {
  FileStamp stamp;
  stamp.path = path;
  struct stat status;
  stamp.exists = ::stat(path.c_str(), &status) == 0;
  if (!stamp.exists) {
    stamp.error = errno;
    if (::lstat(path.c_str(), &status) != 0) return stamp;
  }
  stamp.is_directory = S_ISDIR(status.st_mode);
  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = static_cast<uint64_t>(status.st_size);
  stamp.mtime_ns = status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec;
  stamp.ctime_ns = status.st_ctim.tv_sec * kNanosecondsPerSecond + status.st_ctim.tv_nsec;
  stamp.mode = status.st_mode;
  return stamp;
}

bool AreCurrent(const std::vector<FileStamp>& stamps, absl::Time read_at) {
  return FirstOutdated(stamps, read_at) == nullptr;
}

const FileStamp* FirstOutdated(const std::vector<FileStamp>& stamps, absl::Time read_at) {
  const auto found = std::find_if(stamps.begin(), stamps.end(), [&](const FileStamp& stamp) {
    return !IsSettled(stamp, read_at) || StampOf(stamp.path) != stamp;
  });
  return found == stamps.end() ? nullptr : &*found;
}

std::string OutdatedText(const FileStamp& stamp) {
  const FileStamp now = StampOf(stamp.path);
  if (now == stamp) {
    return absl::StrCat(stamp.path.string(), " had changed a moment before it was read");
  }
  const absl::string_view what = !stamp.exists ? "is new" : !now.exists ? "is gone" : "changed";
  return absl::StrCat(stamp.path.string(), " ", what);
}

}  // namespace nopo
