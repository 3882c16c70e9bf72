#include "cli/progress/draw_frame.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/progress/display_width.h"
#include "tests/unit/cli/events.h"

namespace nopo {
namespace {

const absl::Time kStart = absl::UnixEpoch();
const Palette kNoColour(false);

ProgressModel Running(int count, int planned) {
  ProgressModel model;
  std::vector<std::string> names;
  for (int i = 1; i <= planned; ++i) names.push_back(absl::StrCat("task", i, ":build"));
  model.Apply(Plan(names), kStart);
  for (int i = 0; i < count; ++i) model.Apply(Started(names[i]), kStart + absl::Seconds(i));
  return model;
}

int WidestLine(const std::string& frame) {
  int widest = 0;
  for (const absl::string_view line : absl::StrSplit(frame, '\n')) {
    widest = std::max(widest, DisplayWidth(line));
  }
  return widest;
}

TEST(DrawFrameTest, ShowsTotalsAndEachRunningTaskWithWhereItIsAndForHowLong) {
  ProgressModel model;
  model.Apply(Plan({"web:build", "api:build", "web:start"}), kStart);
  model.Apply(Started("api:build"), kStart);
  model.Apply(Started("web:build"), kStart + absl::Seconds(2));
  model.Apply(Step("web:build", "2", "[2/4] COPY . /app"), kStart + absl::Seconds(3));

  EXPECT_EQ(
      DrawFrame(model, "up", {.columns = 60, .rows = 24}, kStart + absl::Seconds(75), kNoColour),
      "up: 0 of 3 tasks done, 1m 15s\n"
      "  api:build                                          1m 15s\n"
      "  web:build  [2/4] COPY . /app                       1m 13s\n");
}

TEST(DrawFrameTest, KeepsTimesNearToTheirTasksOnAWideTerminal) {
  const std::string frame =
      DrawFrame(Running(1, 1), "up", {.columns = 300, .rows = 24}, kStart, kNoColour);
  EXPECT_EQ(WidestLine(frame), 120);
}

TEST(DrawFrameTest, CountsWhatHasFailedAndLeavesOutWhatIsOver) {
  ProgressModel model = Running(3, 4);
  model.Apply(Failed("task1:build", "exit code 1"), kStart);
  model.Apply(Finished("task2:build"), kStart);

  EXPECT_EQ(
      DrawFrame(model, "build", {.columns = 50, .rows = 24}, kStart + absl::Seconds(5), kNoColour),
      "build: 2 of 4 tasks done, 5s, 1 failed\n"
      "  task3:build                                  3s\n");
}

TEST(DrawFrameTest, CountsWhatDoesNotFitTheHeight) {
  EXPECT_EQ(DrawFrame(Running(9, 9), "up", {.columns = 40, .rows = 6}, kStart + absl::Seconds(9),
                      kNoColour),
            "up: 0 of 9 tasks done, 9s\n"
            "  task1:build                        9s\n"
            "  task2:build                        8s\n"
            "  task3:build                        7s\n"
            "  … and 6 more\n");
}

TEST(DrawFrameTest, ShowsAllThatJustFitsTheHeight) {
  const std::string frame = DrawFrame(Running(4, 4), "up", {.columns = 40, .rows = 6},
                                      kStart + absl::Seconds(9), kNoColour);
  EXPECT_EQ(frame.find("more"), std::string::npos);
}

TEST(DrawFrameTest, StaysNarrowerThanTheTerminalWhateverItsSize) {
  ProgressModel model = Running(3, 3);
  model.Apply(Output("task1:build", absl::StrCat(std::string(500, 'x'), "世界\n")), kStart);
  for (int columns : {1, 5, 16, 20, 25, 39, 80, 200}) {
    const std::string frame = DrawFrame(model, "up", {.columns = columns, .rows = 24},
                                        kStart + absl::Hours(30), kNoColour);
    EXPECT_LE(WidestLine(frame), std::max(1, columns - 1)) << columns << " columns:\n" << frame;
  }
}

TEST(DrawFrameTest, LeavesARowForTheCursorWhateverTheHeight) {
  for (int rows = 1; rows < 30; ++rows) {
    const std::string frame =
        DrawFrame(Running(40, 40), "up", {.columns = 80, .rows = rows}, kStart, kNoColour);
    EXPECT_LT(std::count(frame.begin(), frame.end(), '\n'), rows);
  }
}

TEST(DrawFrameTest, IsEmptyWhenNothingRuns) {
  EXPECT_EQ(DrawFrame(Running(0, 3), "up", {}, kStart, kNoColour), "");
}

TEST(DrawFrameTest, KeepsWhatTasksPrintFromMovingTheCursor) {
  ProgressModel model = Running(1, 1);
  model.Apply(Output("task1:build", "\033[2J\033[31mred\033[0m\a\n"), kStart);
  const std::string frame = DrawFrame(model, "up", {}, kStart, kNoColour);
  EXPECT_NE(frame.find("  red  "), std::string::npos) << frame;
  EXPECT_EQ(frame.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace nopo
