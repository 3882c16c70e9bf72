#include "daemon/buildkit/context_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/follow_paths.h"

namespace nopo {
namespace {

// The order of a tree's entries: by bytes, but '/' before any other.
bool ComesBefore(absl::string_view a, absl::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_b == b.end()) return false;
  if (in_a == a.end()) return true;
  if (*in_a == '/' || *in_b == '/') return *in_a == '/';
  return static_cast<unsigned char>(*in_a) < static_cast<unsigned char>(*in_b);
}

absl::Status CannotRead(const std::filesystem::path& file) {
  const absl::StatusCode code = errno == EACCES || errno == EPERM
                                    ? absl::StatusCode::kPermissionDenied
                                    : absl::StatusCode::kUnknown;
  return absl::Status(code,
                      absl::StrCat("cannot read ", file.string(), ": ", std::strerror(errno)));
}

// Reads up to `limit` bytes, less only at the end of the file; empty with errno set on an error.
std::optional<size_t> ReadFully(int fd, char* out, size_t limit) {
  size_t size = 0;
  while (size < limit) {
    const ssize_t n = ::read(fd, out + size, limit - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  return size;
}

// The entry's modification time with other digits below the millisecond: others for each change.
int64_t TimeOfThisChange(const TreeEntry& entry) {
  constexpr int64_t kMillisecond = 1'000'000;
  const uint64_t mixed =
      (static_cast<uint64_t>(entry.changed_ns) ^ entry.inode << 40) * 0x9e3779b97f4a7c15;
  const auto digits = static_cast<int64_t>((mixed >> 20) % kMillisecond);
  const int64_t time = entry.modified_ns - entry.modified_ns % kMillisecond + digits;
  return time == entry.modified_ns ? time + 1 : time;
}

// A name that leads nowhere, or to something that took the file's place.
bool MeansAnotherFile(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENXIO;
}

}  // namespace

ContextSnapshot::ContextSnapshot(std::shared_ptr<const FileTree> tree, std::string version,
                                 OnChange on_change, absl::Time copies_since)
    : SyncedDirectory(std::move(version)),
      tree_(std::move(tree)),
      on_change_(on_change),
      copies_since_ns_(absl::ToUnixNanos(copies_since - kClockGranularity)) {}

std::vector<std::string> ContextSnapshot::ChangedFiles() const {
  MutexLock lock(mutex_);
  return changed_;
}

absl::Status ContextSnapshot::Walk(const SyncRequest& request, EntrySink sink) const {
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> followed,
                        FollowPaths(tree_->root, request.follow_paths));
  NOPO_ASSIGN_OR_RETURN(const PathFilter filter, FilterOf(request, followed));
  return WalkContext(*tree_, filter, [&](const FileStat& entry) {
    const TreeEntry* listed = entry.HasContent() ? Find(entry.path) : nullptr;
    if (listed == nullptr || !MayBeTakenForAnother(*listed)) return sink(entry);
    FileStat told = entry;
    told.modified_ns = TimeOfThisChange(*listed);
    return sink(told);
  });
}

// What was written has the time of that as both of its times.
bool ContextSnapshot::MayBeTakenForAnother(const TreeEntry& entry) const {
  return entry.IsRegular() && entry.changed_ns >= copies_since_ns_ &&
         entry.changed_ns != entry.modified_ns;
}

absl::Status ContextSnapshot::Read(const std::string& path, size_t limit, std::string& buffer,
                                   absl::FunctionRef<bool()> sink) const {
  const TreeEntry* entry = Find(path);
  // A socket is listed as an empty file: BuildKit has no other word for it.
  if (entry == nullptr || !entry->IsRegular()) return absl::OkStatus();
  // A pipe that took the file's place must not block us.
  const std::filesystem::path file = tree_->root / path;
  const UniqueFd fd(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat stat;
  if (!fd.valid()) return MeansAnotherFile(errno) ? Changed(path) : CannotRead(file);
  if (::fstat(fd.get(), &stat) != 0) return CannotRead(file);
  if (!entry->IsStill(stat)) NOPO_RETURN_IF_ERROR(Changed(path));
  if (!S_ISREG(stat.st_mode)) return absl::OkStatus();
  for (auto left = static_cast<size_t>(stat.st_size); left > 0; left -= buffer.size()) {
    buffer.resize(std::min(limit, left));
    const std::optional<size_t> size = ReadFully(fd.get(), buffer.data(), buffer.size());
    if (!size.has_value()) return CannotRead(file);
    buffer.resize(*size);
    if (buffer.empty() || !sink()) break;
  }
  if (::fstat(fd.get(), &stat) != 0) return CannotRead(file);
  return entry->IsStill(stat) ? absl::OkStatus() : Changed(path);
}

const TreeEntry* ContextSnapshot::Find(const std::string& path) const {
  const auto found = std::lower_bound(tree_->entries.begin(), tree_->entries.end(), path,
                                      [](const TreeEntry& entry, const std::string& wanted) {
                                        return ComesBefore(entry.path, wanted);
                                      });
  return found != tree_->entries.end() && found->path == path ? &*found : nullptr;
}

absl::Status ContextSnapshot::Changed(const std::string& path) const {
  {
    MutexLock lock(mutex_);
    const auto place = std::lower_bound(changed_.begin(), changed_.end(), path);
    if (place == changed_.end() || *place != path) changed_.insert(place, path);
  }
  if (on_change_ == OnChange::kSend) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat((tree_->root / path).string(), " changed while it was being sent"));
}

}  // namespace nopo
