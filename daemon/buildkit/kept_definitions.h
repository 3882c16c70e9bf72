// What the Dockerfile frontend made of Dockerfiles, to be used again.
//
// Engines before 23.0 start processes in each run of the frontend to see which platforms the
// machine knows, one build at a time; with its former result at hand BuildKit has only the steps to
// look at.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "common/mutex.h"
#include "daemon/buildkit/buildkit_client.h"

namespace moby::buildkit::v1::frontend {
class Result;
}

namespace nopo {

// Stands for everything that the frontend's result depends on; "" when the result may not be used
// again.
std::string DefinitionKey(const SolveOptions& options);

// Thread-safe.
class KeptDefinitions {
 public:
  using Result = moby::buildkit::v1::frontend::Result;

  // Null when there is none.
  std::shared_ptr<const Result> Find(const std::string& key) const ABSL_LOCKS_EXCLUDED(mutex_);
  // In place of the oldest, when there are too many. Large ones and empty ones are not kept.
  void Keep(const std::string& key, const Result& result) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);
  // BuildKit may be another one now, or somebody wants everything looked at anew.
  void Clear() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Result>> results_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> keys_ ABSL_GUARDED_BY(mutex_);  // Oldest first; of forgotten ones too.
};

}  // namespace nopo
