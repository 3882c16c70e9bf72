#include "common/cancellation_fd.h"

#include <unistd.h>

#include <utility>

#include "common/status_macros.h"

namespace nopo {

absl::StatusOr<CancellationFd> CancellationFd::Watch(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(Pipe pipe, MakePipe());
  CancellationFd watched(std::move(pipe));
  watched.registration_ = cancellation.OnCancel([fd = watched.pipe_.write_end.get()] {
    [[maybe_unused]] const ssize_t written = ::write(fd, "x", 1);
  });
  return watched;
}

}  // namespace nopo
