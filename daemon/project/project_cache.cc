#include "daemon/project/project_cache.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

void TellWhatWasRead(const std::vector<FileStamp>& inputs, DebugLog& log) {
  log.Debug(DebugArea::kConfig, [&] {
    std::vector<std::string> files;
    for (const FileStamp& stamp : inputs) {
      if (stamp.exists && !stamp.is_directory) files.push_back(stamp.path.string());
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return absl::StrCat("read ", absl::StrJoin(files, ", "));
  });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Project>> ProjectCache::Get(const std::filesystem::path& root,
                                                                 DebugLog& log) {
  NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Entry> entry, Find(root, log, nullptr));
  return entry->loaded.project;
}

std::vector<FileStamp> ProjectCache::FilesOf(const std::filesystem::path& root) {
  std::vector<FileStamp> looked_at;
  const auto entry = Find(root, NoDebugLog(), &looked_at);
  return entry.ok() ? (*entry)->loaded.inputs : looked_at;
}

absl::StatusOr<std::shared_ptr<const ProjectCache::Entry>> ProjectCache::Find(
    const std::filesystem::path& root, DebugLog& log, std::vector<FileStamp>* looked_at) {
  std::shared_ptr<const Entry> entry;
  {
    MutexLock lock(mutex_);
    if (const auto it = entries_.find(root); it != entries_.end()) entry = it->second;
  }
  const FileStamp* outdated = nullptr;
  if (entry != nullptr) {
    outdated = FirstOutdated(entry->loaded.inputs, entry->loaded_at);
    if (outdated == nullptr) {
      log.Debug(DebugArea::kCache, [&] {
        return absl::StrCat("project: hit, ", entry->loaded.inputs.size(), " files unchanged");
      });
      return entry;
    }
  }
  log.Debug(DebugArea::kCache, [&] {
    return absl::StrCat("project: miss, ",
                        outdated == nullptr ? "not in memory" : OutdatedText(*outdated));
  });
  const absl::Time now = absl::Now();
  absl::StatusOr<LoadedProject> loaded =
      LoadProject(root, entry == nullptr ? nullptr : &entry->loaded, looked_at);
  if (loaded.ok()) TellWhatWasRead(loaded->inputs, log);
  MutexLock lock(mutex_);
  if (!loaded.ok()) {
    entries_.erase(root);
    return loaded.status();
  }
  entry = std::make_shared<const Entry>(Entry{*std::move(loaded), now});
  entries_[root] = entry;
  return entry;
}

int ProjectCache::size() const {
  MutexLock lock(mutex_);
  return static_cast<int>(entries_.size());
}

}  // namespace nopo
