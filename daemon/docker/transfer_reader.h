// Reads what the engine says while it pulls or pushes an image.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Where a transfer is.
struct TransferStep {
  std::string layer;    // "4f4fb700ef54"; "" for the image as a whole.
  std::string message;  // "Downloading", "Pull complete", "Pushed"
  int64_t current = 0;  // Bytes.
  int64_t total = 0;    // Bytes; 0 = unknown.
};
using TransferObserver = std::function<void(const TransferStep&)>;

// Pure; for the answer to one call.
class TransferReader {
 public:
  // `observer` may be null.
  explicit TransferReader(TransferObserver observer) : observer_(std::move(observer)) {}

  // Takes one line of the answer.
  //
  // Errors: INTERNAL (ENGINE_FAILED) with the message when the line says that the transfer failed.
  absl::Status Read(absl::string_view json);

  // "sha256:..." of the manifest; "" as long as the engine has not said it.
  const std::string& digest() const { return digest_; }

 private:
  const TransferObserver observer_;
  std::string digest_;
};

}  // namespace nopo
