#include "common/size_text.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(SizeTextTest, ChoosesTheUnitByTheAmount) {
  EXPECT_EQ(SizeText(0), "0 B");
  EXPECT_EQ(SizeText(999), "999 B");
  EXPECT_EQ(SizeText(1'001), "2 kB");
  EXPECT_EQ(SizeText(2'149'000), "2.1 MB");
  EXPECT_EQ(SizeText(2'000'000'000), "2.0 GB");
}

}  // namespace
}  // namespace nopo
