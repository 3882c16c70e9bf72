#include "cli/progress/output_lines.h"
#include "absl/strings/str_cat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/events.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<OutputLine>& lines) {
  std::vector<std::string> texts;
  for (const OutputLine& line : lines) texts.push_back(line.task + "|" + line.text);
  return texts;
}

v1::TaskOutput Piece(const std::string& task, const std::string& text,
                     v1::TaskOutput::Stream stream = v1::TaskOutput::STREAM_STDOUT) {
  return Output(task, text, stream).task_output();
}

TEST(OutputLinesTest, JoinsPiecesToLines) {
  OutputLines lines;
  EXPECT_THAT(Texts(lines.Add(Piece("a", "on"))), IsEmpty());
  EXPECT_THAT(Texts(lines.Add(Piece("a", "e\n\ntwo\nthr"))), ElementsAre("a|one", "a|", "a|two"));
  EXPECT_THAT(Texts(lines.Flush("a")), ElementsAre("a|thr"));
  EXPECT_THAT(Texts(lines.Flush("a")), IsEmpty());
}

TEST(OutputLinesTest, KeepsTasksAndStreamsApart) {
  OutputLines lines;
  lines.Add(Piece("a", "out"));
  lines.Add(Piece("a", "err", v1::TaskOutput::STREAM_STDERR));
  lines.Add(Piece("b", "other"));
  const std::vector<OutputLine> flushed = lines.Flush("a");
  EXPECT_THAT(Texts(flushed), ElementsAre("a|out", "a|err"));
  EXPECT_TRUE(flushed[1].is_stderr);
  EXPECT_THAT(Texts(lines.FlushAll()), ElementsAre("b|other"));
}

TEST(OutputLinesTest, ChangesNoByte) {
  OutputLines lines;
  const std::string bytes("\0\xff\r\t\033[m", 7);
  EXPECT_EQ(lines.Add(Piece("a", bytes + "\n"))[0].text, bytes);
}

TEST(OutputLinesTest, KeepsALongLineWhole) {
  OutputLines lines;
  EXPECT_THAT(lines.Add(Piece("a", std::string(1'000'000, 'x'))), IsEmpty());

  const std::vector<OutputLine> whole = lines.Add(Piece("a", "y\n"));

  ASSERT_EQ(whole.size(), 1);
  EXPECT_EQ(whole[0].text.size(), 1'000'001);
}

TEST(OutputLinesTest, CutsALineWithoutEnd) {
  constexpr size_t kLimit = 16 << 20;
  OutputLines lines;
  const std::vector<OutputLine> cut = lines.Add(Piece("a", std::string(2 * kLimit + 5, 'x')));
  ASSERT_EQ(cut.size(), 2);
  EXPECT_EQ(cut[0].text.size(), kLimit);
  EXPECT_EQ(lines.Flush("a")[0].text.size(), 5);
}

TEST(OutputLinesTest, CutsNoLineThatEndsInTime) {
  constexpr size_t kLimit = 16 << 20;
  OutputLines lines;
  EXPECT_EQ(lines.Add(Piece("a", absl::StrCat(std::string(kLimit, 'x'), "\nb\n"))).size(), 2);
  EXPECT_THAT(lines.Add(Piece("a", std::string(kLimit, 'x'))), IsEmpty());
  EXPECT_EQ(lines.Add(Piece("a", "\n")).size(), 1);
}

}  // namespace
}  // namespace nopo
