#include "common/text.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(EditDistanceTest, CountsSingleEdits) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("lint", "lint"), 0);
  EXPECT_EQ(EditDistance("lint", "lin"), 1);
  EXPECT_EQ(EditDistance("lint", "flint"), 1);
  EXPECT_EQ(EditDistance("lint", "line"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(EditDistanceTest, ASwapOfNeighboursIsOneEdit) {
  EXPECT_EQ(EditDistance("biuld", "build"), 1);
  EXPECT_EQ(EditDistance("ab", "ba"), 1);
}

TEST(NearestNameTest, FindsTheNearest) {
  EXPECT_EQ(NearestName("comands", {"command", "commands", "name"}), "commands");
}

TEST(NearestNameTest, IgnoresCase) { EXPECT_EQ(NearestName("WEB", {"web"}), "web"); }

TEST(NearestNameTest, SuggestsNothingThatIsFarOff) {
  EXPECT_EQ(NearestName("deploy", {"lint", "test"}), std::nullopt);
  EXPECT_EQ(NearestName("ab", {"xy"}), std::nullopt);
  EXPECT_EQ(NearestName("x", {}), std::nullopt);
}

TEST(DidYouMeanTest, IsEmptyWithoutASuggestion) {
  EXPECT_EQ(DidYouMean("lnit", {"lint"}), "; did you mean 'lint'?");
  EXPECT_EQ(DidYouMean("deploy", {"lint"}), "");
}

TEST(ShellQuoteTest, LeavesPlainWordsAlone) {
  EXPECT_EQ(ShellQuote("tests/unit/a_test.py"), "tests/unit/a_test.py");
  EXPECT_EQ(ShellQuote("--count=3"), "--count=3");
}

TEST(ShellQuoteTest, QuotesAllElse) {
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("a b"), "'a b'");
  EXPECT_EQ(ShellQuote("$HOME"), "'$HOME'");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuote("two\nlines"), "'two\nlines'");
  EXPECT_EQ(ShellQuote("~"), "'~'");
  EXPECT_EQ(ShellQuote("*"), "'*'");
}

}  // namespace
}  // namespace nopo
