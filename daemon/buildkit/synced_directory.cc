#include "daemon/buildkit/synced_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/status_macros.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/follow_paths.h"

namespace nopo {
namespace {

absl::StatusOr<PathFilter> FilterOf(const SyncRequest& request,
                                    const std::vector<std::string>& followed) {
  std::vector<std::string> include = request.include;
  const bool follows_everything = !request.follow_paths.empty() && followed.empty();
  if (follows_everything) {
    include.clear();
  } else {
    include.insert(include.end(), followed.begin(), followed.end());
  }
  return PathFilter::Create(include, request.exclude);
}

// A time between 1970 and 2043 that only equal texts share (FNV-1a), in nanoseconds.
int64_t TimeFromText(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  return static_cast<int64_t>(hash >> 3);
}

// Reads up to `limit` bytes, less only at the end of the file or on an error.
size_t ReadFully(int fd, char* out, size_t limit) {
  size_t size = 0;
  while (size < limit) {
    const ssize_t n = ::read(fd, out + size, limit - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += static_cast<size_t>(n);
  }
  return size;
}

}  // namespace

absl::Status DiskDirectory::Walk(const SyncRequest& request, EntrySink sink) const {
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> followed,
                        FollowPaths(root_, request.follow_paths));
  NOPO_ASSIGN_OR_RETURN(const PathFilter filter, FilterOf(request, followed));
  return WalkContext(root_, filter, sink);
}

void DiskDirectory::Read(const std::string& path, size_t limit, std::string& buffer,
                         absl::FunctionRef<bool()> sink) const {
  // Something else may have taken the file's place since the walk: a pipe must not block us.
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const UniqueFd fd(::open((root_ / path).c_str(), flags));
  struct stat stat;
  if (!fd.valid() || ::fstat(fd.get(), &stat) != 0 || !S_ISREG(stat.st_mode)) return;
  const size_t piece = std::min<size_t>(limit, static_cast<size_t>(stat.st_size) + 1);
  while (true) {
    buffer.resize(piece);
    const size_t size = ReadFully(fd.get(), buffer.data(), piece);
    buffer.resize(size);
    if (size == 0 || !sink() || size < piece) return;
  }
}

absl::Status MemoryDirectory::Walk(const SyncRequest& request, EntrySink sink) const {
  NOPO_ASSIGN_OR_RETURN(const PathFilter filter, FilterOf(request, request.follow_paths));
  for (const auto& [name, text] : files_) {
    if (!filter.Selects(name)) continue;
    NOPO_RETURN_IF_ERROR(sink(FileStat{.path = name,
                                       .mode = 0644,
                                       .size = static_cast<int64_t>(text.size()),
                                       .modified_ns = TimeFromText(text)}));
  }
  return absl::OkStatus();
}

void MemoryDirectory::Read(const std::string& path, size_t limit, std::string& buffer,
                           absl::FunctionRef<bool()> sink) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return;
  for (size_t at = 0; at < file->second.size(); at += buffer.size()) {
    buffer.assign(file->second, at, limit);
    if (!sink()) return;
  }
}

}  // namespace nopo
