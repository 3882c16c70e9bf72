// Whether a dependency manager has to run, and how.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/project/project.h"
#include "daemon/state/ledger.h"

namespace nopo {

enum class SyncMode {
  kAuto,     // Offline first, then online.
  kOffline,  // Never touches the network.
  kOnline,   // Asks the registries, also when nothing has changed.
  kSkip,
};

// How a manager's dependencies came to be as they are; `BuildRecord::result` of its record.
inline constexpr absl::string_view kSyncedOffline = "offline";
inline constexpr absl::string_view kSyncedOnline = "online";
// Its lockfile is there, but the base image lacks its program: there was nothing to be done.
inline constexpr absl::string_view kSyncNotInImage = "not in the image";

// What the dependencies of a project stand on besides its files.
struct SyncGround {
  std::string image_id;   // Of the base image.
  std::string volume_id;  // Of the cache; another one when the volume has been made anew.
};

// Of all that the outcome of `manager` follows from: itself, the content of its lockfiles below
// `root`, what it stands on.
//
// Errors: CONFIGURATION for a lockfile that is no file or cannot be read. One that is not there is
// a value like others.
absl::StatusOr<std::string> SyncFingerprint(const std::filesystem::path& root,
                                            const DependencyManager& manager,
                                            const SyncGround& ground);

// `fingerprint`, and whether what `manager` installs into is there at this moment: what somebody
// has removed since the record has to be installed again.
std::string AsInstalled(const std::string& fingerprint, const std::filesystem::path& root,
                        const DependencyManager& manager);

struct SyncDecision {
  bool up_to_date = false;
  std::string reason;           // "no record of a sync"
  bool tries_offline = false;   // First.
  bool tries_online = false;    // Then.
  std::string why_not_offline;  // Where it goes online without having tried.
};

// Pure. `mode` is not kSkip. `record` is that of the last good run; `volume_is_empty` when the
// cache was made just now.
//
// Errors: CONFIGURATION where `mode` asks for what the manager has no command for.
absl::StatusOr<SyncDecision> DecideSync(const DependencyManager& manager, SyncMode mode,
                                        const std::optional<BuildRecord>& record,
                                        const std::string& fingerprint, bool volume_is_empty);

// The task of a manager in the ledger, for a project whose root is named so: "root:sync:pnpm".
std::string SyncRecordName(const Project& project, const DependencyManager& manager);

}  // namespace nopo
