// Where the CLI writes.
#pragma once

#include <functional>

#include "absl/strings/string_view.h"

namespace nopo {

// Writes all of its argument, now.
using TextSink = std::function<void(absl::string_view text)>;

struct Console {
  TextSink out;    // Results and the output of the project's commands.
  TextSink error;  // Progress, logs, errors.
};

}  // namespace nopo
