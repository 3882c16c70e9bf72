#include "daemon/watch/mount_table.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nopo {
namespace {

std::string ReadFromStart(int fd) {
  std::string text;
  if (::lseek(fd, 0, SEEK_SET) != 0) return text;
  char buffer[16384];
  while (true) {
    const ssize_t count = ::read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

// The kernel writes blank, tab, newline and backslash in mount points as octal numbers.
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                        (text[i + 3] - '0')));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

bool IsAtOrBelow(absl::string_view path, absl::string_view directory) {
  if (directory == "/") return true;
  return absl::StartsWith(path, directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

MountTable::MountTable() : file_(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)) {
  Refresh();
}

void MountTable::Refresh() {
  pollfd changed = {.fd = file_.get(), .events = POLLPRI, .revents = 0};
  // The first call always reads: the table is never empty.
  if (!mounts_.empty() && ::poll(&changed, 1, 0) == 0) return;
  mounts_.clear();
  // proc(5): mount id, parent id, device, root within the file system, mount point, ...
  for (const absl::string_view line : absl::StrSplit(ReadFromStart(file_.get()), '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, absl::MaxSplits(' ', 5));
    if (fields.size() < 6) continue;
    mounts_.push_back({.point = Unescape(fields[4]),
                       .identity = absl::StrCat(fields[0], " ", fields[2], " ", fields[3])});
  }
}

std::vector<std::string> MountTable::MountsBelow(const std::filesystem::path& directory) const {
  std::vector<std::string> below;
  for (const Mount& mount : mounts_) {
    if (!IsAtOrBelow(mount.point, directory.native())) continue;
    below.push_back(absl::StrCat(mount.identity, " ", mount.point));
  }
  return below;
}

}  // namespace nopo
