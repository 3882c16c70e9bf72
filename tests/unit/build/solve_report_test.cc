#include "daemon/build/solve_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Keeps each event as one line of text.
class EventLines final : public EventSink {
 public:
  void Publish(Event event) override {
    if (const auto* progress = std::get_if<TaskProgress>(&event.fact)) {
      lines.push_back(absl::StrCat(
          progress->task, " ", progress->step, " ", progress->message, " ", progress->current, "/",
          progress->total, progress->cached ? " cached" : "", progress->done ? " done" : ""));
    } else if (const auto* output = std::get_if<TaskOutput>(&event.fact)) {
      const bool is_stderr = output->stream == TaskOutput::Stream::kStderr;
      lines.push_back(absl::StrCat(output->task, is_stderr ? " 2> " : " 1> ", output->data));
    } else if (const auto* log = std::get_if<LogWritten>(&event.fact)) {
      lines.push_back(log->message);
    }
  }
  std::vector<std::string> lines;
};

class SolveReportTest : public testing::Test {
 protected:
  EventLines events_;
  SolveReport report_{"web:build", "FROM base\nRUN make\nCMD serve\n", events_};
};

TEST_F(SolveReportTest, ShowsStepsOnceTheyStart) {
  report_.Apply(SolveVertex{.digest = "v1", .name = "[1/2] COPY . ."});
  report_.Apply(SolveVertex{.digest = "v1", .name = "[1/2] COPY . .", .started = true});
  report_.Apply(
      SolveVertex{.digest = "v1", .name = "[1/2] COPY . .", .started = true, .completed = true});
  report_.Apply(SolveVertex{.digest = "v2", .name = "[2/2] RUN x", .cached = true});

  EXPECT_THAT(events_.lines,
              ElementsAre("web:build v1 [1/2] COPY . . 0/0", "web:build v1 [1/2] COPY . . 0/0 done",
                          "web:build v2 [2/2] RUN x 0/0 cached"));
}

TEST_F(SolveReportTest, ShowsTransfersAsStepsOfTheirOwn) {
  report_.Apply(SolveStatus{
      .vertex = "v1", .id = "transferring context:", .name = "transferring", .current = 7});
  const std::string layer = "sha256:0123456789abcdef";
  report_.Apply(
      SolveStatus{.vertex = "v1", .id = layer, .name = "downloading", .current = 2, .total = 9});

  EXPECT_THAT(events_.lines,
              ElementsAre("web:build v1/transferring context: transferring context 7/0",
                          "web:build v1/" + layer + " downloading sha256:0123456789ab 2/9"));
}

TEST_F(SolveReportTest, PassesLogsOnAsTheyCome) {
  report_.Apply(SolveLog{"v1", false, "half a "});
  report_.Apply(SolveLog{"v1", true, "line\nx"});

  EXPECT_THAT(events_.lines, ElementsAre("web:build 1> half a ", "web:build 2> line\nx"));
}

TEST_F(SolveReportTest, NamesTheTaskOfAWarning) {
  report_.Apply(SolveWarning{"v1", "deprecated syntax"});
  EXPECT_THAT(events_.lines, ElementsAre("web:build: deprecated syntax"));
}

TEST_F(SolveReportTest, KeepsTheEndOfWhatTheFailedStepPrinted) {
  report_.Apply(SolveLog{"v1", false, "of another step\n"});
  for (int i = 1; i <= 30; ++i)
    report_.Apply(SolveLog{"v2", false, absl::StrCat("line ", i, "\n")});
  report_.Apply(SolveVertex{.digest = "v2", .started = true, .error = "exit code: 1"});
  report_.Apply(SolveVertex{.digest = "v1", .started = true, .error = "context canceled"});

  const std::vector<std::string> lines = report_.LastLines();
  EXPECT_EQ(lines.size(), 20u);
  EXPECT_EQ(lines.front(), "line 11");
  EXPECT_EQ(lines.back(), "line 30");
}

TEST_F(SolveReportTest, AnUnfinishedLineCountsAndLineEndsGo) {
  report_.Apply(SolveLog{"v1", false, "one\r\ntw"});
  report_.Apply(SolveLog{"v1", true, "o"});
  report_.Apply(SolveVertex{.digest = "v1", .error = "failed"});
  EXPECT_THAT(report_.LastLines(), ElementsAre("one", "two"));
}

TEST_F(SolveReportTest, ShowsWhereTheFailedStepStandsBeforeWhatItPrinted) {
  report_.Apply(SolveLog{"v2", false, "make: *** no rule\n"});
  report_.Apply(
      SolveVertex{.digest = "v2", .name = "[2/2] RUN make", .started = true, .error = "exit 2"});

  EXPECT_THAT(report_.LastLines(), ElementsAre("  1 |     FROM base", "  2 | >>> RUN make",
                                               "  3 |     CMD serve", "", "make: *** no rule"));
}

TEST_F(SolveReportTest, HasNoLastLinesWithoutAFailure) {
  report_.Apply(SolveLog{"v1", false, "one\n"});
  EXPECT_THAT(report_.LastLines(), IsEmpty());
}

}  // namespace
}  // namespace nopo
