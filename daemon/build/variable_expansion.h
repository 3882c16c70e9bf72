// Puts variables into a word of a Dockerfile, as BuildKit does in FROM and ARG.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

// Understands $NAME, ${NAME}, ${NAME:-otherwise}, ${NAME-otherwise}, ${NAME:+instead},
// ${NAME+instead} (nested ones too), quotes (which go) and `escape`. Without a value a variable is
// "".
std::string ExpandVariables(absl::string_view word, char escape,
                            const std::map<std::string, std::string>& variables);

}  // namespace nopo
