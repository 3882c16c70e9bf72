// What all services of a project share: the network, named volumes.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/services/desired_service.h"

namespace nopo {

// Thread-safe. Each thing is made at most once, by the first who needs it, while others who need it
// wait; no lock is held meanwhile. One object serves one operation. Outlived by engine and mirror.
class ProjectResources {
 public:
  ProjectResources(DockerEngine& engine, EngineMirror& mirror, std::string project,
                   std::string network);

  // Errors: FAILED_PRECONDITION (ENGINE_FAILED) when a network of that name exists that is not the
  // project's; the engine's; CANCELLED.
  absl::Status EnsureNetwork(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status EnsureVolume(const DesiredService::NamedVolume& volume,
                            const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Progress { kMaking, kReady };

  // Runs `make` unless it has succeeded before for `key`; after a failure the next caller tries.
  absl::Status Once(const std::string& key, const std::function<absl::Status()>& make,
                    const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status MakeNetwork(const Cancellation& cancellation);
  // After "already exists": ours all the same, or somebody else's?
  absl::Status CheckNetworkIsOurs(const Cancellation& cancellation);
  absl::Status MakeVolume(const DesiredService::NamedVolume& volume,
                          const Cancellation& cancellation);

  DockerEngine& engine_;
  EngineMirror& mirror_;
  const std::string project_, network_;
  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Progress> progress_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
