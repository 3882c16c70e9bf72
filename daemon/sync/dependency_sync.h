// Offline-first dependency sync: has the project's dependency managers fill the cache volume and
// install from it, each in a container of the base image, and skips what is known to be done.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/project/project.h"
#include "daemon/state/ledger.h"
#include "daemon/sync/sync_decision.h"

namespace nopo {

struct SyncOptions {
  const Project& project;
  std::string image;     // Tag of the base image, which the engine has.
  std::string image_id;  // Its id.
  SyncMode mode = SyncMode::kAuto;
  std::string scope;  // Of the ledger.
};

// Runs the managers of `options`'s project side by side, as `task`, and keeps a record of each that
// succeeded. Up to date when all of them were. A manager that was only found by its lockfile and
// whose program the image lacks is told of and left out.
//
// Containers run as the owner of the project's folder, so that what they write is the user's own;
// an offline attempt has no network.
//
// Errors (in TaskResult.status): TASK_FAILED for managers that failed, named; CONFIGURATION; those
// of RunContainerCommand.
TaskResult SyncDependencies(DockerEngine& docker, Ledger& ledger, const std::string& task,
                            const SyncOptions& options, const TaskContext& context);

// What is known of a project's dependencies without running anything; for `status`.
struct SyncState {
  std::string state = "absent";  // "warm", "cold", "stale", "absent"; see behaviour, section 4.
  std::optional<absl::Time> last_sync;
  std::string mode = "skipped";  // Of the last sync: "skipped", "offline", "online".
};
// `image_id` is "" when there is no base image.
absl::StatusOr<SyncState> StateOfSync(DockerEngine& docker, Ledger& ledger, const Project& project,
                                      const std::string& image_id, const std::string& scope,
                                      const Cancellation& cancellation);

// The next sync of `project` does everything.
absl::Status ForgetSync(Ledger& ledger, const Project& project, const std::string& scope);

}  // namespace nopo
