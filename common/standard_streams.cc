#include "common/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace nopo {

// Inherited by children, as the streams are. A new descriptor has the lowest free number.
void OpenStandardStreams() {
  int opened = 0;
  do {
    opened = ::open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open)
  } while (opened >= 0 && opened <= STDERR_FILENO);
  if (opened >= 0) ::close(opened);
}

}  // namespace nopo
