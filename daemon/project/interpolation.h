// Puts variables into a value of `compose:`, as the Compose specification says.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// The value of a variable; nullopt when it is not set.
using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

// Understands $NAME, ${NAME}, ${NAME:-otherwise}, ${NAME-otherwise}, ${NAME:?message},
// ${NAME?message}, ${NAME:+instead} and ${NAME+instead}, nested ones too; "$$" is a dollar. With a
// colon an empty variable counts as unset. Without a value a variable is "".
//
// Errors: INVALID_ARGUMENT whose message completes "KEY: ...", for another form and for a variable
// that must be set.
absl::StatusOr<std::string> Interpolate(absl::string_view text, const VariableLookup& variables);

}  // namespace nopo
