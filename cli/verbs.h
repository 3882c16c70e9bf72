// The built-in commands and what is said of them.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nopo {

struct VerbDescription {
  absl::string_view name;
  absl::string_view usage;    // "nopo up [TARGET...] [OPTIONS]"
  absl::string_view summary;  // One line, no full stop.
};

// In the order of the help.
absl::Span<const VerbDescription> BuiltInVerbs();
// Null for a command that is not built in.
const VerbDescription* FindVerb(absl::string_view name);
// Names that are reserved for built-ins which this version does not have, so that they never run a
// project's command of the same name.
bool IsReservedVerb(absl::string_view name);
std::vector<std::string> BuiltInVerbNames();

}  // namespace nopo
