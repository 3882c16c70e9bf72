// SHA-256 of what arrives in pieces.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();

  void Update(absl::string_view bytes);
  // "sha256:" and 64 hexadecimal digits; to be called last.
  std::string Digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nopo
