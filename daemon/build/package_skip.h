// Whether a package's build.command may be skipped: its directory without the outputs is as it was
// when the command last succeeded, and the outputs are as that run left them.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/build/build_plan.h"
#include "daemon/state/ledger.h"

namespace nopo {

// The fingerprint of what the package is built from, to be taken before the command runs.
// `dependencies` are the fingerprints of the packages it depends on. Empty optional: the package
// names no outputs, so nothing can be known.
absl::StatusOr<std::optional<std::string>> PackageFingerprint(const PackageBuild& build,
                                                              const std::string& dependencies);

// True when `record` proves that running the command would give what is there.
bool PackageIsUpToDate(const PackageBuild& build, const std::string& fingerprint,
                       const std::optional<BuildRecord>& record);

// The record to keep after a good run.
absl::StatusOr<BuildRecord> PackageRecord(const PackageBuild& build,
                                          const std::string& fingerprint);

}  // namespace nopo
