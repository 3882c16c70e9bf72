#include "daemon/buildkit/file_stat.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <utility>

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

// What `read` writes into a buffer of the size that it asks for; empty when it fails.
template <typename Read>
std::string ReadSized(const Read& read) {
  const ssize_t size = read(nullptr, 0);
  if (size <= 0) return "";
  std::string buffer(static_cast<size_t>(size), '\0');
  const ssize_t length = read(buffer.data(), buffer.size());
  buffer.resize(static_cast<size_t>(length < 0 ? 0 : length));
  return buffer;
}

// Attributes that cannot be read, or a file system without them, count as none.
std::map<std::string, std::string> ReadXattrs(const char* file) {
  std::map<std::string, std::string> xattrs;
  const std::string names =
      ReadSized([&](char* buffer, size_t size) { return ::llistxattr(file, buffer, size); });
  for (size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    xattrs[name] = ReadSized(
        [&](char* buffer, size_t size) { return ::lgetxattr(file, name.c_str(), buffer, size); });
  }
  return xattrs;
}

}  // namespace

FileStat DescribeFile(const std::filesystem::path& root, const TreeEntry& entry) {
  FileStat stat{.path = entry.path,
                .mode = ModeBits(entry.mode),
                .size = entry.size,
                .modified_ns = entry.modified_ns,
                .link = entry.link};
  if ((stat.mode & kModeDevice) != 0) {
    stat.device_major = major(entry.special_device);
    stat.device_minor = minor(entry.special_device);
  }
  stat.xattrs = ReadXattrs((root / entry.path).c_str());
  return stat;
}

}  // namespace nopo
