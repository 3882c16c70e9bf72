#include "common/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr int kLowest = 10;

}  // namespace

absl::StatusOr<UniqueFd> MoveUp(UniqueFd fd) {
  if (fd.get() >= kLowest) return fd;
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kLowest));
  if (!moved.valid()) return absl::ErrnoToStatus(errno, "cannot duplicate a file descriptor");
  return moved;
}

absl::StatusOr<Pipe> MakePipe(ReadEnd read_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  Pipe pipe;
  NOPO_ASSIGN_OR_RETURN(pipe.read_end, MoveUp(std::move(reading)));
  NOPO_ASSIGN_OR_RETURN(pipe.write_end, MoveUp(std::move(writing)));
  if (read_end == ReadEnd::kNonBlocking && ::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe non-blocking");
  }
  return pipe;
}

}  // namespace nopo
