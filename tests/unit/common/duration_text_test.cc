#include "common/duration_text.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(ShortDurationTest, IsAsExactAsIsUseful) {
  EXPECT_EQ(ShortDuration(absl::Microseconds(400)), "0ms");
  EXPECT_EQ(ShortDuration(absl::Milliseconds(999)), "999ms");
  EXPECT_EQ(ShortDuration(absl::Milliseconds(1040)), "1.0s");
  EXPECT_EQ(ShortDuration(absl::Milliseconds(59900)), "59.9s");
  EXPECT_EQ(ShortDuration(absl::Seconds(123)), "2m 03s");
  EXPECT_EQ(ShortDuration(absl::Hours(25)), "25h 00m");
}

TEST(WholeSecondsTest, NeverShowsWhatHasNotPassed) {
  EXPECT_EQ(WholeSeconds(absl::Milliseconds(59999)), "59s");
  EXPECT_EQ(WholeSeconds(absl::Seconds(125)), "2m 05s");
}

}  // namespace
}  // namespace nopo
