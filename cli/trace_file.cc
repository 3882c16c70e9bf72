#include "cli/trace_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace nopo {
namespace {

absl::Status CannotWrite(const std::filesystem::path& file, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS;
  return MakeError(
      forbidden ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kInvalidArgument,
      forbidden ? Reason::kPermission : Reason::kBadArguments,
      absl::StrCat("--trace: cannot write ", file.string(), ": ", std::strerror(error)));
}

// A file beside the one that it will become. Gone with the object, unless it was kept.
class TemporaryFile {
 public:
  static absl::StatusOr<TemporaryFile> Create(const std::filesystem::path& file) {
    std::string name = absl::StrCat(file.string(), ".XXXXXX");
    UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd.valid()) return CannotWrite(file, errno);
    return TemporaryFile(std::move(name), std::move(fd));
  }
  ~TemporaryFile() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : name_(std::exchange(other.name_, {})), fd_(std::move(other.fd_)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  absl::Status Become(const std::filesystem::path& file, absl::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_.get(), text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return CannotWrite(file, errno);
      text.remove_prefix(static_cast<size_t>(written));
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd_.get(), 0666 & ~mask) != 0 || ::rename(name_.c_str(), file.c_str()) != 0) {
      return CannotWrite(file, errno);
    }
    name_.clear();
    return absl::OkStatus();
  }

 private:
  TemporaryFile(std::string name, UniqueFd fd) : name_(std::move(name)), fd_(std::move(fd)) {}

  std::string name_;
  UniqueFd fd_;
};

}  // namespace

absl::Status CheckTraceFile(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     absl::StrCat("--trace: ", file.string(), " is not a regular file"));
  }
  return TemporaryFile::Create(file).status();
}

absl::Status WriteTraceFile(const std::filesystem::path& file, absl::string_view text) {
  NOPO_ASSIGN_OR_RETURN(TemporaryFile temporary, TemporaryFile::Create(file));
  return temporary.Become(file, text);
}

}  // namespace nopo
