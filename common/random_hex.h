// Names that nobody else picks.
#pragma once

#include <cstddef>
#include <string>

namespace nopo {

// `digits` hexadecimal digits from the system's source of randomness.
std::string RandomHex(size_t digits);

}  // namespace nopo
