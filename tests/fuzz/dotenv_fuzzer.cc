// The reader of `.env`: any text.
#include <cstdlib>

#include "daemon/project/dotenv.h"

namespace nopo {
namespace {

void Read(absl::string_view text) {
  const absl::StatusOr<Dotenv> dotenv = ParseDotenv(text, ".env");
  if (!dotenv.ok()) {
    // Says where.
    if (dotenv.status().message().substr(0, 5) != ".env:") std::abort();
    return;
  }
  for (const auto& [name, value] : dotenv->All()) {
    if (name.empty() || name.find('=') != std::string::npos) std::abort();
  }
}

}  // namespace
}  // namespace nopo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nopo::Read({reinterpret_cast<const char*>(data), size});
  return 0;
}
