// A pipe between a child process, or a callback, and a thread that polls.
#pragma once

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace nopo {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

enum class ReadEnd {
  kNonBlocking,  // For who polls it.
  kBlocking,     // For another program, which expects that.
};

// Both ends are closed on exec and numbered 10 or more, out of the way of a child's own
// descriptors.
absl::StatusOr<Pipe> MakePipe(ReadEnd read_end = ReadEnd::kNonBlocking);

// `fd` or a duplicate of it that is numbered so; `fd` is then closed.
absl::StatusOr<UniqueFd> MoveUp(UniqueFd fd);

}  // namespace nopo
