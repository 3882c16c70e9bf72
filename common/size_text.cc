#include "common/size_text.h"

#include <cmath>

#include "absl/strings/str_format.h"

namespace nopo {

std::string SizeText(int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size >= 1e9) return absl::StrFormat("%.1f GB", size / 1e9);
  if (size >= 1e6) return absl::StrFormat("%.1f MB", size / 1e6);
  if (size >= 1e3) return absl::StrFormat("%.0f kB", std::ceil(size / 1e3));
  return absl::StrFormat("%d B", bytes);
}

}  // namespace nopo
