// A pipe between a child process, or a callback, and a thread that polls.
#pragma once

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace nopo {

struct Pipe {
  UniqueFd read_end;  // Does not block.
  UniqueFd write_end;
};

// Both ends are closed on exec and numbered 10 or more, out of the way of a child's own
// descriptors.
absl::StatusOr<Pipe> MakePipe();

// `fd` or a duplicate of it that is numbered so; `fd` is then closed.
absl::StatusOr<UniqueFd> MoveUp(UniqueFd fd);

}  // namespace nopo
