#include "daemon/project/project_cache.h"

#include <utility>

#include "absl/time/clock.h"

namespace nopo {

absl::StatusOr<std::shared_ptr<const Project>> ProjectCache::Get(
    const std::filesystem::path& root) {
  std::shared_ptr<const Entry> entry;
  {
    MutexLock lock(mutex_);
    if (const auto it = entries_.find(root); it != entries_.end()) entry = it->second;
  }
  if (entry != nullptr && AreCurrent(entry->loaded.inputs, entry->loaded_at)) {
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
