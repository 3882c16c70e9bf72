// Another program as a filter.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Runs `argv` with `input` as its stdin and this process's stdout and stderr; its exit code, 128+N
// when signal N ended it. Blocks. argv[0] is a path, or a name that is looked for on PATH.
//
// Errors: NOT_FOUND when there is no such program; INTERNAL when it cannot be started.
absl::StatusOr<int> PipeThrough(const std::vector<std::string>& argv, absl::string_view input);

}  // namespace nopo
