#include "cli/progress/output_lines.h"

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

TEST(OutputLinesTest, CutsALineWithoutEnd) {
  OutputLines lines;
  const std::vector<OutputLine> cut = lines.Add(Piece("a", std::string(150'000, 'x')));
  ASSERT_EQ(cut.size(), 2);
  EXPECT_EQ(cut[0].text.size(), 65536);
  EXPECT_EQ(lines.Flush("a")[0].text.size(), 150'000 - 2 * 65536);
}

}  // namespace
}  // namespace nopo
