#include "common/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nopo {
namespace {

// In a process of its own, whose streams may be closed.
bool HoldsInChild(bool (*check)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int NextDescriptor() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(StandardStreamsTest, TakeThePlacesOfClosedOnes) {
  EXPECT_TRUE(HoldsInChild([] {
    for (int fd = 0; fd < 3; ++fd) ::close(fd);
    OpenStandardStreams();
    return NextDescriptor() > 2 && ::write(2, "x", 1) == 1 && ::write(1, "x", 1) == 1;
  }));
}

TEST(StandardStreamsTest, LeaveOpenOnesAlone) {
  EXPECT_TRUE(HoldsInChild([] {
    ::close(2);
    const int next = ::open("/", O_RDONLY | O_CLOEXEC);  // Gets number 2.
    OpenStandardStreams();
    char byte;
    return next == 2 && ::read(2, &byte, 1) < 0;  // Still the directory.
  }));
}

}  // namespace
}  // namespace nopo
