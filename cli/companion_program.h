// Finding the programs that nopo is installed with.
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/runtime_paths.h"

namespace nopo {

// True for a file that this user may run.
bool IsProgram(const std::filesystem::path& path);

// Looks for `name` beside this executable, in ../libexec/nopo, then on PATH.
//
// Errors: NOT_FOUND telling where it was looked for.
absl::StatusOr<std::filesystem::path> FindCompanionProgram(absl::string_view name,
                                                           const EnvironmentReader& environment);

}  // namespace nopo
