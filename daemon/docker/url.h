// Building the targets of HTTP requests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// `text` as one value of a query or one segment of a path: all but letters, digits and "-._~" as
// %XX.
std::string PercentEncode(absl::string_view text);
// Likewise for a name that may span several segments, like an image's: keeps '/', ':' and '@'.
std::string PercentEncodePath(absl::string_view text);

// "?a=1&b=x%20y"; "" without parameters.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
std::string QueryString(const QueryParameters& parameters);

}  // namespace nopo
