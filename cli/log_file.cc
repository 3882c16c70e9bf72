#include "cli/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/unique_fd.h"

namespace nopo {
namespace {

constexpr absl::Duration kLookPause = absl::Milliseconds(200);

UniqueFd Open(const std::filesystem::path& file) {
  return UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
}

absl::Status OpenError(const std::filesystem::path& file) {
  const std::string reason = std::strerror(errno);
  return MakeError(absl::StatusCode::kNotFound, Reason::kUnspecified,
                   absl::StrCat("cannot read the log ", file.string(), ": ", reason));
}

std::string ReadToEnd(int fd) {
  std::string text;
  char buffer[16384];
  for (ssize_t count; (count = ::read(fd, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

bool IsOpenFileStill(int fd, const std::filesystem::path& file) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::stat(file.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace

absl::Status PrintLogFile(const std::filesystem::path& file, int lines, const TextSink& sink) {
  const UniqueFd fd = Open(file);
  if (!fd.valid()) return OpenError(file);
  const std::string text = ReadToEnd(fd.get());
  size_t start = lines < 0 ? 0 : text.size();
  for (int found = 0; found < lines && start > 0; ++found) {
    const size_t newline = start < 2 ? std::string::npos : text.rfind('\n', start - 2);
    start = newline == std::string::npos ? 0 : newline + 1;
  }
  sink(absl::string_view(text).substr(start));
  return absl::OkStatus();
}

absl::Status FollowLogFile(const std::filesystem::path& file, const TextSink& sink) {
  UniqueFd fd = Open(file);
  if (!fd.valid()) return OpenError(file);
  ::lseek(fd.get(), 0, SEEK_END);
  while (true) {
    sink(ReadToEnd(fd.get()));
    if (UniqueFd next = IsOpenFileStill(fd.get(), file) ? UniqueFd() : Open(file); next.valid()) {
      fd = std::move(next);
      continue;
    }
    absl::SleepFor(kLookPause);
  }
}

}  // namespace nopo
