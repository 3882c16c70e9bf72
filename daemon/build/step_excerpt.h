// Shows where in a Dockerfile a step of a build stands.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// The instruction that BuildKit calls `step` ("[build 2/4] RUN make"), with its line numbers and
// the lines before and after it:
//
//   2 |     COPY . .
//   3 | >>> RUN make
//
// Empty when `step` is none of the Dockerfile's: BuildKit has steps of its own.
std::vector<std::string> StepExcerpt(absl::string_view dockerfile, absl::string_view step);

}  // namespace nopo
