// What git knows of where a project's commit comes from, without starting git when nothing changed.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "daemon/project/file_stamp.h"
#include "daemon/project/project.h"

namespace nopo {

// Each "unknown" where git has no answer.
struct GitFacts {
  std::string repository = "unknown";  // URL of the remote `origin`, credentials removed.
  std::string branch = "unknown";      // "HEAD" when none is checked out.
  std::string commit = "unknown";      // Full hash.
};

// Thread-safe.
class GitFactsCache {
 public:
  // What `git` says in `root`, run with the caller's `environment`. Its last answer is given again
  // as long as stat proves every file unchanged that it follows from: HEAD, the branch, packed
  // references and all configuration that git read. Where that is not known, git is asked.
  GitFacts Get(const std::filesystem::path& root, const EnvironmentMap& environment)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    GitFacts facts;
    std::vector<FileStamp> stamps;  // Empty: not to be trusted.
    absl::Time read_at;
  };
  static Entry Ask(const std::filesystem::path& root, const EnvironmentMap& environment);

  Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Entry>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
