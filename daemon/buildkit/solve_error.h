// Makes one message for people of what BuildKit says when a build fails.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nopo {

// What a failed call of BuildKit carries, without gRPC's types.
struct SolveFailure {
  int code = 0;  // gRPC's.
  std::string message;
  std::string details;  // The serialised google.rpc.Status; "" on engine 20.10.
  bool in_engine = true;
};

// The error of BuildkitClient::Solve for `failure` of a build of `dockerfile_name`.
absl::Status SolveError(const SolveFailure& failure, absl::string_view dockerfile_name);

// What to do about a full disk if `text`, words of BuildKit or a step's output, tells of one; else
// "".
std::string FullDiskHint(absl::string_view text);

}  // namespace nopo
