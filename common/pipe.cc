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

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  Pipe pipe;
  NOPO_ASSIGN_OR_RETURN(pipe.read_end, MoveUp(std::move(read_end)));
  NOPO_ASSIGN_OR_RETURN(pipe.write_end, MoveUp(std::move(write_end)));
  if (::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe non-blocking");
  }
  return pipe;
}

}  // namespace nopo
