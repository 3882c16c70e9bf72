#include "daemon/buildkit/file_stat.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <array>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

uint32_t TypeBits(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return kModeDirectory;
    case S_IFLNK:
      return kModeSymlink;
    case S_IFBLK:
      return kModeDevice;
    case S_IFCHR:
      return kModeDevice | kModeCharacterDevice;
    case S_IFIFO:
      return kModeNamedPipe;
    default:
      return 0;
  }
}

uint32_t ModeBits(mode_t mode) {
  uint32_t bits = TypeBits(mode) | (mode & 0777);
  if ((mode & S_ISUID) != 0) bits |= kModeSetuid;
  if ((mode & S_ISGID) != 0) bits |= kModeSetgid;
  if ((mode & S_ISVTX) != 0) bits |= kModeSticky;
  return bits;
}

// Attributes that cannot be read, or a file system without them, count as none.
std::map<std::string, std::string> ReadXattrs(const char* file) {
  std::map<std::string, std::string> xattrs;
  std::array<char, 4096> names;
  const ssize_t size = ::llistxattr(file, names.data(), names.size());
  for (ssize_t at = 0; at < size;) {
    const std::string name = names.data() + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    const ssize_t length = ::lgetxattr(file, name.c_str(), nullptr, 0);
    if (length < 0) continue;
    std::string value(length, '\0');
    const ssize_t read = ::lgetxattr(file, name.c_str(), value.data(), value.size());
    if (read < 0) continue;
    value.resize(read);
    xattrs.emplace(name, std::move(value));
  }
  return xattrs;
}

}  // namespace

absl::StatusOr<FileStat> DescribeFile(const std::filesystem::path& file, const struct stat& stat,
                                      std::string path) {
  FileStat entry{.path = std::move(path), .mode = ModeBits(stat.st_mode)};
  entry.modified_ns = int64_t{stat.st_mtim.tv_sec} * 1'000'000'000 + stat.st_mtim.tv_nsec;
  if (!entry.IsDirectory()) entry.size = stat.st_size;
  if ((entry.mode & kModeSymlink) != 0) {
    std::error_code error;
    entry.link = std::filesystem::read_symlink(file, error).string();
    if (error) return absl::NotFoundError(absl::StrCat(file.string(), ": ", error.message()));
    entry.size = static_cast<int64_t>(entry.link.size());
  }
  if ((entry.mode & kModeDevice) != 0) {
    entry.device_major = major(stat.st_rdev);
    entry.device_minor = minor(stat.st_rdev);
  }
  entry.xattrs = ReadXattrs(file.c_str());
  return entry;
}

}  // namespace nopo
