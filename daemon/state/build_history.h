// What was built when, how and why: for people who ask, and for telling what differs today.
//
// A SQLite file of its own beside the ledger's, so that large inputs do not slow down the daemon's
// start; it is opened when first needed. Thread-safe, and several processes may have it open.
// Losing it loses only answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mutex.h"

namespace nopo {

// One build that was asked of BuildKit, or one run of a package's command.
struct BuildHistoryEntry {
  std::string target;  // "web"
  std::string tag;     // "shop-web:local"; "" for a package.
  absl::Time started;
  absl::Duration duration;
  std::string outcome;  // "built", "cached", "failed", "cancelled"
  std::string reason;   // Why it was built: the first difference from the build before.
  std::string error;    // "failed": one line.
  int steps = 0;        // Of the Dockerfile; 0 for a package.
  int cached_steps = 0;
  int64_t bytes_sent = 0;   // To BuildKit.
  int64_t image_bytes = 0;  // Size of the image; 0 when not known.
  std::string image_id;
};

// The word for `outcome`; `cached` when it was good and every step was reused.
std::string BuildOutcomeName(const absl::Status& outcome, bool cached);

// What went into the last good build of a task, in the words of whoever took the fingerprint.
struct RecordedInputs {
  std::string fingerprint;
  std::string inputs;
};

class BuildHistory {
 public:
  // `file` need not exist; its directory does.
  explicit BuildHistory(std::filesystem::path file);
  ~BuildHistory();

  // `scope` as in the ledger. Errors of all methods mean that nothing is known or kept.
  absl::Status Append(absl::string_view scope, const BuildHistoryEntry& entry)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The newest first, at most `limit`. No `targets` means all.
  absl::StatusOr<std::vector<BuildHistoryEntry>> List(absl::string_view scope,
                                                      const std::set<std::string>& targets,
                                                      int limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // Replaces what was recorded of `task` ("web:build").
  absl::Status RecordInputs(absl::string_view scope, absl::string_view task,
                            const RecordedInputs& inputs) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::optional<RecordedInputs>> FindInputs(absl::string_view scope,
                                                           absl::string_view task)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Database;
  absl::StatusOr<Database*> Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path file_;
  Mutex mutex_;
  std::unique_ptr<Database> database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
