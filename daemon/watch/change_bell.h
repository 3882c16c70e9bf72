// Wakes the one thread that waits until something it watches is touched. Linux only.
#pragma once

#include "common/unique_fd.h"

namespace nopo {

// Thread-safe.
class ChangeBell {
 public:
  ChangeBell();

  // Readable (poll) from Ring() until Silence().
  int fd() const { return fd_.get(); }
  void Ring();
  // Whether it had rung since the last call.
  bool Silence();

 private:
  const UniqueFd fd_;
};

}  // namespace nopo
