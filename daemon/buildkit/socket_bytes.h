// Bytes through blocking sockets, whole.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace nopo {

// False when the other side is gone.
bool SendAll(int fd, absl::string_view bytes);

// Calls `sink` with what arrives, until there is no more or `sink` says false.
void CopyFrom(int fd, absl::FunctionRef<bool(absl::string_view bytes)> sink);

}  // namespace nopo
