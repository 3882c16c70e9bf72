// Amounts of data as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace nopo {

// "640 B", "12 kB", "1.5 MB", "2.0 GB"; in powers of ten, kilobytes rounded up.
std::string SizeText(int64_t bytes);

}  // namespace nopo
