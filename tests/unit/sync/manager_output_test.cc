#include "daemon/sync/manager_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "daemon/events/collected_events.h"

namespace nopo {
namespace {

class ManagerOutputTest : public testing::Test {
 protected:
  void Print(ManagerOutput& output, const std::string& data,
             TaskOutput::Stream stream = TaskOutput::Stream::kStdout) {
    output.Report(TaskOutput{.task = "root:sync", .stream = stream, .data = data});
  }
  std::string Shown() {
    std::string text;
    for (const Event& event : events_.Take()) text += std::get<TaskOutput>(event.fact).data;
    return text;
  }

  CollectedEvents events_{{}};
};

TEST_F(ManagerOutputTest, NamesTheManagerBeforeEachLine) {
  ManagerOutput output(events_, "pnpm", /*is_shown=*/true);

  Print(output, "one\ntw");
  Print(output, "warning\n", TaskOutput::Stream::kStderr);
  Print(output, "o\nthree");
  output.Finish();

  EXPECT_EQ(Shown(), "pnpm: one\npnpm: warning\npnpm: two\npnpm: three\n");
}

TEST_F(ManagerOutputTest, KeepsLastWordsOfWhatIsNotShown) {
  ManagerOutput output(events_, "pnpm", /*is_shown=*/false);

  Print(output, "no such package\n", TaskOutput::Stream::kStderr);
  Print(output, "giving up\n");
  output.Finish();

  EXPECT_EQ(Shown(), "");
  EXPECT_EQ(output.LastWords(), "no such package");
}

TEST_F(ManagerOutputTest, PassesOtherEventsOn) {
  ManagerOutput output(events_, "pnpm", /*is_shown=*/false);

  output.Warning("careful");

  const std::vector<Event> events = events_.Take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<LogWritten>(events[0].fact).message, "careful");
}

}  // namespace
}  // namespace nopo
