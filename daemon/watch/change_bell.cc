#include "daemon/watch/change_bell.h"

#include <sys/eventfd.h>

#include <cstdint>

namespace nopo {

ChangeBell::ChangeBell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

// Fails only when it has rung more often than 64 bits count, and then it rings anyway.
void ChangeBell::Ring() { (void)::eventfd_write(fd_.get(), 1); }

bool ChangeBell::Silence() {
  eventfd_t count = 0;
  return ::eventfd_read(fd_.get(), &count) == 0;
}

}  // namespace nopo
