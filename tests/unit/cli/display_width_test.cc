#include "cli/progress/display_width.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(DisplayWidthTest, CountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth("plain"), 5);
  EXPECT_EQ(DisplayWidth("é…"), 2);
  EXPECT_EQ(DisplayWidth("世界"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1) << "a combining accent takes no column";
}

TEST(DisplayWidthTest, CountsColoursAsNothing) {
  EXPECT_EQ(DisplayWidth("\033[1;31mred\033[0m"), 3);
}

TEST(DisplayWidthTest, CountsBytesThatAreNoTextAsOneColumnEach) {
  EXPECT_EQ(DisplayWidth("\xff\xfe!"), 3);
}

TEST(TruncateToWidthTest, EndsWithAnEllipsisOnlyWhatItCuts) {
  EXPECT_EQ(TruncateToWidth("abcdef", 6), "abcdef");
  EXPECT_EQ(TruncateToWidth("abcdef", 5), "abcd…");
  EXPECT_EQ(TruncateToWidth("abcdef", 0), "");
}

TEST(TruncateToWidthTest, NeverCutsACharacterInTwo) {
  EXPECT_EQ(TruncateToWidth("世界世界", 4), "世…");
  EXPECT_EQ(FitToWidth("世界世界", 4), "世… ");
}

TEST(TerminalSafeTest, KeepsTheLastStateOfALineThatRewritesItself) {
  EXPECT_EQ(TerminalSafe("10%\r50%\r100%\r", false), "100%");
}

TEST(TerminalSafeTest, RemovesAllThatMovesTheCursor) {
  EXPECT_EQ(TerminalSafe("a\033[2Kb\033[3;4Hc\033]0;title\ad\be\tf", false), "abcde    f");
}

TEST(TerminalSafeTest, KeepsColoursOnRequestAndEndsThem) {
  EXPECT_EQ(TerminalSafe("\033[32mok", true), "\033[32mok\033[0m");
  EXPECT_EQ(TerminalSafe("\033[32mok", false), "ok");
}

TEST(TerminalSafeTest, SurvivesASequenceWithoutItsEnd) {
  EXPECT_EQ(TerminalSafe("x\033", true), "x");
  EXPECT_EQ(TerminalSafe("x\033[12", true), "x");
  EXPECT_EQ(TerminalSafe("x\033]0;t", true), "x");
}

}  // namespace
}  // namespace nopo
