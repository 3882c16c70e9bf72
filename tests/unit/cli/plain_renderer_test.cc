#include "cli/progress/plain_renderer.h"

#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/cli/events.h"
#include "tests/unit/cli/recorded_console.h"

namespace nopo {
namespace {

RecordedConsole Shown(const RendererOptions& options, const std::vector<v1::Event>& events,
                      const absl::Status& outcome = absl::OkStatus()) {
  RecordedConsole recorded;
  PlainRenderer renderer(options, recorded.console());
  for (const v1::Event& event : events) renderer.Show(event);
  renderer.Finish(outcome);
  return recorded;
}

TEST(PlainRendererTest, TellsABuildLineByLine) {
  const RecordedConsole recorded = Shown(
      {}, {Plan({"web:build", "web:start"}), Started("web:build"),
           Step("web:build", "1", "[1/2] FROM base", true),
           Step("web:build", "2", "[2/2] RUN make"), Step("web:build", "2", "[2/2] RUN make"),
           Output("web:build", "compiling\nlink"), Finished("web:build", "built shop-web:local"),
           Finished("web:start", "nothing changed", v1::TASK_OUTCOME_UP_TO_DATE),
           Result("1 service is up")});

  EXPECT_EQ(recorded.error,
            "[web:build] started\n"
            "[web:build] [1/2] FROM base (cached)\n"
            "[web:build] [2/2] RUN make\n"
            "[web:build] compiling\n"
            "[web:build] link\n"
            "[web:build] built shop-web:local in 1.2s\n"
            "[web:start] up to date: nothing changed\n"
            "1 service is up\n");
  EXPECT_EQ(recorded.out, "");
}

TEST(PlainRendererTest, PutsTheOutputOfCommandsWhereTheyWroteIt) {
  const RecordedConsole recorded =
      Shown({.output_is_result = true},
            {Plan({"web:lint"}), Started("web:lint"), Output("web:lint", "fine\n"),
             Output("web:lint", "careful\n", v1::TaskOutput::STREAM_STDERR), Finished("web:lint")});

  EXPECT_EQ(recorded.out, "[web:lint] fine\n");
  EXPECT_EQ(recorded.error, "[web:lint] careful\n[web:lint] done in 1.2s\n");
}

TEST(PlainRendererTest, LeavesOutThePrefixOfALoneInteractiveTask) {
  const RecordedConsole recorded =
      Shown({.output_is_result = true, .bare_single_task = true},
            {Plan({"web:lint"}), Output("web:lint", "fine\n"), Finished("web:lint")});
  EXPECT_EQ(recorded.out, "fine\n");
}

TEST(PlainRendererTest, NeverColoursWhatGoesToAPipe) {
  const RecordedConsole recorded =
      Shown({.colour = true, .output_is_result = true}, {Plan({"a:b"}), Output("a:b", "x\n")});
  EXPECT_EQ(recorded.out, "[a:b] x\n");
}

TEST(PlainRendererTest, SumsUpWhatFailedWithItsLastLinesAndAdvice) {
  const RecordedConsole recorded =
      Shown({},
            {Plan({"web:build", "api:build"}),
             Failed("web:build", "exit code 2", {"cc x.c", "x.c:1: error"}), Finished("api:build")},
            MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "1 of 2 tasks failed",
                      {"nopo build web --no-cache"}));

  EXPECT_EQ(recorded.error,
            "[web:build] failed after 1.2s: exit code 2\n"
            "[api:build] done in 1.2s\n"
            "✗ web:build  failed after 1.2s: exit code 2\n"
            "    | cc x.c\n"
            "    | x.c:1: error\n"
            "error: 1 of 2 tasks failed\n"
            "hint: nopo build web --no-cache\n");
}

TEST(PlainRendererTest, DoesNotRepeatTheFailureOfALoneCommand) {
  const RecordedConsole recorded = Shown(
      {.output_is_result = true},
      {Plan({"web:lint"}), Output("web:lint", "bad\n"), Failed("web:lint", "exit code 1", {"bad"})},
      MakeError(absl::StatusCode::kAborted, Reason::kTaskFailed, "web:lint failed"));
  EXPECT_EQ(recorded.error,
            "[web:lint] failed after 1.2s: exit code 1\n"
            "error: web:lint failed\n");
}

TEST(PlainRendererTest, SaysWhatAnInterruptionCancelled) {
  const RecordedConsole recorded =
      Shown({}, {Plan({"a:build", "b:build", "c:build"}), Started("a:build"), Started("b:build")},
            MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted, "interrupted"));
  EXPECT_EQ(recorded.error,
            "[a:build] started\n[b:build] started\ncancelled: a:build, b:build\n"
            "error: interrupted\n");
}

TEST(PlainRendererTest, MarksLogLinesByTheirLevel) {
  const RecordedConsole recorded = Shown({}, {Log(v1::LogWritten::LEVEL_DEBUG, "asked", "cache"),
                                              Log(v1::LogWritten::LEVEL_INFO, "starting dockerd"),
                                              Log(v1::LogWritten::LEVEL_WARNING, "no git")});
  EXPECT_EQ(recorded.error, "[debug:cache] asked\nstarting dockerd\nwarning: no git\n");
}

}  // namespace
}  // namespace nopo
