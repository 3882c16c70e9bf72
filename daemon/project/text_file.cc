#include "daemon/project/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"
#include "common/utf8.h"

namespace nopo {
namespace {

absl::Status ErrnoStatus(int error) {
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError("does not exist");
  if (error == EACCES || error == EPERM) {
    return absl::PermissionDeniedError("cannot be read: permission denied");
  }
  return absl::InvalidArgumentError(absl::StrCat("cannot be read: ", std::strerror(error)));
}

absl::string_view KindName(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

absl::Status NotRegular(mode_t mode) {
  return absl::InvalidArgumentError(
      absl::StrCat("found ", KindName(mode), "; expected a regular file"));
}

absl::Status CheckText(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = text[at] == '\0' ? 0 : Utf8Length(text.substr(at));
    if (length == 0) {
      const auto line = std::count(text.begin(), text.begin() + at, '\n') + 1;
      return absl::InvalidArgumentError(
          absl::StrCat("found ", text[at] == '\0' ? "a NUL byte" : "bytes that are not UTF-8",
                       " in line ", line, "; expected UTF-8 text"));
    }
    at += length;
  }
  return absl::OkStatus();
}

absl::Status TooLarge() {
  return absl::InvalidArgumentError("is larger than 1 MiB; expected a smaller file");
}

absl::StatusOr<std::string> ReadAll(int fd, size_t expected) {
  // One byte more than expected, so that the end is seen without another read.
  std::string content(expected + 1, '\0');
  size_t used = 0;
  while (true) {
    const ssize_t count = ::read(fd, content.data() + used, content.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno);
    if (count == 0) break;
    used += static_cast<size_t>(count);
    if (used > kLargestTextFile) return TooLarge();
    if (used == content.size()) content.resize(content.size() * 2);
  }
  content.resize(used);
  return content;
}

}  // namespace

bool IsText(absl::string_view text) { return CheckText(text).ok(); }

absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path, ByteOrderMark mark) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) {
    const int error = errno;
    struct stat status;
    if (error == ENXIO && ::stat(path.c_str(), &status) == 0) return NotRegular(status.st_mode);
    return ErrnoStatus(error);
  }
  struct stat status;
  if (::fstat(fd.get(), &status) != 0) return ErrnoStatus(errno);
  if (!S_ISREG(status.st_mode)) return NotRegular(status.st_mode);
  if (static_cast<size_t>(status.st_size) > kLargestTextFile) return TooLarge();
  NOPO_ASSIGN_OR_RETURN(std::string content,
                        ReadAll(fd.get(), static_cast<size_t>(status.st_size)));
  NOPO_RETURN_IF_ERROR(CheckText(content));
  constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
  const bool removed = mark == ByteOrderMark::kRemove && content.starts_with(kByteOrderMark);
  if (removed) content.erase(0, sizeof(kByteOrderMark) - 1);
  return content;
}

}  // namespace nopo
