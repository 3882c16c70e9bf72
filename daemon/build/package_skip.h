// Whether a package's build.command may be skipped: its directory without the outputs is as it was
// when the command last succeeded, and the outputs are as that run left them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/build/build_plan.h"
#include "daemon/state/ledger.h"

namespace nopo {

// Those of `outputs`, absolute paths that may hold wildcards, that lie below `dir`: from there, as
// patterns of an ignore file.
std::vector<std::string> OutputsBelow(const std::filesystem::path& dir,
                                      const std::vector<std::filesystem::path>& outputs);

// The fingerprint of what the package is built from, to be taken before the command runs.
// `dependencies` are the fingerprints of the packages it depends on. Empty optional: nothing can be
// known, because the package names no outputs or an input changed only a moment ago.
//
// Errors: a directory of the package that cannot be read.
absl::StatusOr<std::optional<std::string>> PackageFingerprint(const PackageBuild& build,
                                                              const std::string& dependencies);

// True when `record` proves that running the command would give what is there.
bool PackageIsUpToDate(const PackageBuild& build, const std::string& fingerprint,
                       const std::optional<BuildRecord>& record);

// The record to keep after a good run.
//
// Errors: FAILED_PRECONDITION (BUILD_FAILED) naming an output that the command did not make.
absl::StatusOr<BuildRecord> PackageRecord(const PackageBuild& build,
                                          const std::string& fingerprint);

}  // namespace nopo
