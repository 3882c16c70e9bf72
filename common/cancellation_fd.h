// A Cancellation for code that waits in poll().
#pragma once

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/pipe.h"

namespace nopo {

class CancellationFd {
 public:
  // `cancellation` must outlive this. Errors: those of MakePipe.
  static absl::StatusOr<CancellationFd> Watch(const Cancellation& cancellation);

  // Readable once the cancellation has fired, and from then on.
  int get() const { return pipe_.read_end.get(); }

 private:
  explicit CancellationFd(Pipe pipe) : pipe_(std::move(pipe)) {}

  Pipe pipe_;
  Cancellation::Registration registration_;  // Goes first: it writes to the pipe.
};

}  // namespace nopo
