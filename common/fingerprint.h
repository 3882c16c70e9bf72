// Collects everything that goes into a build and gives it one short name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct XXH3_state_s;

namespace nopo {

// Not thread-safe. Values are told apart: ("ab", "c") is not ("a", "bc"). No protection against
// somebody who makes two inputs of one fingerprint on purpose: they would only fool themselves.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  Fingerprint& Add(absl::string_view value);
  Fingerprint& Add(int64_t value);
  Fingerprint& Add(const std::vector<std::string>& values);
  Fingerprint& Add(const std::map<std::string, std::string>& values);

  // 32 hexadecimal digits: 128 bits.
  std::string Hex() const;

 private:
  XXH3_state_s* const state_;
};

}  // namespace nopo
