#include "daemon/project/project_cache.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace nopo {
namespace {

// How far apart two changes must be for a file system to give them different times: the kernel's
// tick, or a whole second or two where it shows no fractions.
absl::Duration Granularity(const FileStamp& stamp) {
  constexpr int64_t kSecond = 1'000'000'000;
  const bool whole_seconds = stamp.mtime_ns % kSecond == 0 && stamp.ctime_ns % kSecond == 0;
  return whole_seconds ? absl::Seconds(2) : absl::Milliseconds(20);
}

// A later edit would show: the last change lies far enough before `read_at`.
bool IsSettled(const FileStamp& stamp, absl::Time read_at) {
  if (!stamp.exists) return true;
  const absl::Time changed = absl::FromUnixNanos(std::max(stamp.mtime_ns, stamp.ctime_ns));
  return changed + Granularity(stamp) < read_at;
}

bool IsCurrent(const std::vector<FileStamp>& inputs, absl::Time loaded_at) {
  return std::all_of(inputs.begin(), inputs.end(), [&](const FileStamp& stamp) {
    return IsSettled(stamp, loaded_at) && StampOf(stamp.path) == stamp;
  });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Project>> ProjectCache::Get(
    const std::filesystem::path& root) {
  std::shared_ptr<const Entry> entry;
  {
    MutexLock lock(mutex_);
    if (const auto it = entries_.find(root); it != entries_.end()) entry = it->second;
  }
  if (entry != nullptr && IsCurrent(entry->loaded.inputs, entry->loaded_at)) {
    return entry->loaded.project;
  }
  const absl::Time now = absl::Now();
  absl::StatusOr<LoadedProject> loaded = LoadProject(root);
  MutexLock lock(mutex_);
  if (!loaded.ok()) {
    entries_.erase(root);
    return loaded.status();
  }
  entry = std::make_shared<const Entry>(Entry{*std::move(loaded), now});
  entries_[root] = entry;
  return entry->loaded.project;
}

int ProjectCache::size() const {
  MutexLock lock(mutex_);
  return static_cast<int>(entries_.size());
}

}  // namespace nopo
