#include "common/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace nopo {
namespace {

UniqueFd OpenNull() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(UniqueFdTest, ClosesWhatItOwns) {
  int number;
  {
    const UniqueFd fd = OpenNull();
    number = fd.get();
    EXPECT_TRUE(IsOpen(number));
  }

  EXPECT_FALSE(IsOpen(number));
}

TEST(UniqueFdTest, MovingHandsOverAndClosesWhatWasThere) {
  UniqueFd from = OpenNull();
  UniqueFd to = OpenNull();
  const int moved = from.get();
  const int replaced = to.get();

  to = std::move(from);

  EXPECT_EQ(to.get(), moved);
  EXPECT_FALSE(from.valid());  // NOLINT(bugprone-use-after-move): empty is what it promises.
  EXPECT_FALSE(IsOpen(replaced));
}

TEST(UniqueFdTest, WhatIsReleasedStaysOpen) {
  UniqueFd fd = OpenNull();

  const int number = fd.Release();

  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(number));
  ::close(number);
}

}  // namespace
}  // namespace nopo
