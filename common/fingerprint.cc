#include "common/fingerprint.h"

#include <xxhash.h>

#include "absl/strings/str_format.h"

namespace nopo {

Fingerprint::Fingerprint() : state_(XXH3_createState()) { XXH3_128bits_reset(state_); }
Fingerprint::~Fingerprint() { XXH3_freeState(state_); }

Fingerprint& Fingerprint::Add(absl::string_view value) {
  Add(static_cast<int64_t>(value.size()));
  XXH3_128bits_update(state_, value.data(), value.size());
  return *this;
}

Fingerprint& Fingerprint::Add(int64_t value) {
  XXH3_128bits_update(state_, &value, sizeof(value));
  return *this;
}

Fingerprint& Fingerprint::Add(const std::vector<std::string>& values) {
  Add(static_cast<int64_t>(values.size()));
  for (const std::string& value : values) Add(absl::string_view(value));
  return *this;
}

Fingerprint& Fingerprint::Add(const std::map<std::string, std::string>& values) {
  Add(static_cast<int64_t>(values.size()));
  for (const auto& [key, value] : values) {
    Add(absl::string_view(key));
    Add(absl::string_view(value));
  }
  return *this;
}

std::string Fingerprint::Hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_);
  return absl::StrFormat("%016x%016x", hash.high64, hash.low64);
}

}  // namespace nopo
