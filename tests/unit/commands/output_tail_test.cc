#include "daemon/commands/output_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kOut = 0;
constexpr int kErr = 1;

TEST(OutputTailTest, KeepsTheLastLines) {
  OutputTail tail(2);

  tail.Append(kOut, "one\ntwo\nthree\n");

  EXPECT_THAT(tail.Lines(), ElementsAre("two", "three"));
}

TEST(OutputTailTest, JoinsALineThatComesInPieces) {
  OutputTail tail(5);

  tail.Append(kOut, "o");
  tail.Append(kOut, "n");
  tail.Append(kOut, "e\ntw");

  EXPECT_THAT(tail.Lines(), ElementsAre("one", "tw"));
}

TEST(OutputTailTest, StreamsDoNotTearEachOthersLines) {
  OutputTail tail(5);

  tail.Append(kOut, "out ");
  tail.Append(kErr, "error\n");
  tail.Append(kOut, "put\n");

  EXPECT_THAT(tail.Lines(), ElementsAre("error", "out put"));
}

TEST(OutputTailTest, OfNothingThereAreNoLines) { EXPECT_THAT(OutputTail(5).Lines(), IsEmpty()); }

TEST(OutputTailTest, CountsUnfinishedLinesToo) {
  OutputTail tail(1);

  tail.Append(kOut, "one\ntwo");

  EXPECT_THAT(tail.Lines(), ElementsAre("two"));
}

TEST(OutputTailTest, CutsEndlessLines) {
  OutputTail tail(5);

  for (int i = 0; i < 1000; ++i) tail.Append(kOut, std::string(1000, 'x'));
  tail.Append(kOut, "\nnext\n");

  EXPECT_THAT(tail.Lines(), ElementsAre(std::string(OutputTail::kMaxLineBytes, 'x'), "next"));
}

TEST(OutputTailTest, OfAProgressBarKeepsItsLastState) {
  OutputTail tail(5);

  for (int i = 0; i <= 1000; ++i) tail.Append(kOut, absl::StrCat("\r", i, " of 1000"));
  tail.Append(kOut, "\r\ndone\r\n");

  EXPECT_THAT(tail.Lines(), ElementsAre("1000 of 1000", "done"));
}

TEST(ReadableLineTest, LeavesTextAlone) {
  EXPECT_EQ(ReadableLine("caf\xC3\xA9\t\xE2\x9C\x93 \xF0\x9F\x8D\x8E"),
            "caf\xC3\xA9\t\xE2\x9C\x93 \xF0\x9F\x8D\x8E");
}

TEST(ReadableLineTest, DropsColoursTitlesAndControlCharacters) {
  EXPECT_EQ(ReadableLine("\x1b[1;31merror\x1b[0m: \x1b]0;title\afile\b\x01.c\x1b"),
            "error: file.c");
}

TEST(ReadableLineTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(ReadableLine("a\xFF"
                         "b\xC3"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(ReadableLine("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // Surrogate.
  EXPECT_EQ(ReadableLine("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // Overlong.
}

TEST(ReadableLineTest, TakesEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);

  EXPECT_FALSE(ReadableLine(bytes).empty());
}

}  // namespace
}  // namespace nopo
