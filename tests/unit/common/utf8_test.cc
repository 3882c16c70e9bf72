#include "common/utf8.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(ValidUtf8Test, LeavesTextAsItIs) {
  EXPECT_EQ(ValidUtf8("caf\xC3\xA9 \xF0\x9F\x90\xB3\n\t\x1b[1m"),
            "caf\xC3\xA9 \xF0\x9F\x90\xB3\n\t\x1b[1m");
  EXPECT_EQ(ValidUtf8(""), "");
}

TEST(ValidUtf8Test, ReplacesEachByteThatIsNone) {
  EXPECT_EQ(ValidUtf8("caf\xE9"), "caf\xEF\xBF\xBD");
  EXPECT_EQ(ValidUtf8("\xFF\xFE!"), "\xEF\xBF\xBD\xEF\xBF\xBD!");
}

TEST(ValidUtf8Test, RefusesOverlongFormsSurrogatesAndWhatIsCutOff) {
  EXPECT_EQ(ValidUtf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ValidUtf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ValidUtf8("a\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace nopo
