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

// What a step of web:build is made of.
v1::Event Part(const std::string& step, const std::string& message, int64_t current, int64_t total,
               bool done) {
  v1::Event event = Step("web:build", step, message);
  event.mutable_task_progress()->set_current(current);
  event.mutable_task_progress()->set_total(total);
  event.mutable_task_progress()->set_done(done);
  return event;
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
            "[web:build] CACHED [1/2] FROM base\n"
            "[web:build] [2/2] RUN make\n"
            "[web:build] compiling\n"
            "[web:build] link\n"
            "[web:build] built shop-web:local in 1.2s\n"
            "[web:start] up to date: nothing changed\n"
            "1 service is up\n");
  EXPECT_EQ(recorded.out, "");
}

TEST(PlainRendererTest, TellsOfALargeTransferOnceItIsOver) {
  EXPECT_EQ(Shown({}, {Part("1/layer", "downloading", 1'000'000, 4'000'000, false),
                       Part("1/layer", "downloading", 4'000'000, 4'000'000, true),
                       Part("1/dockerfile", "transferring dockerfile", 400, 0, true),
                       Part("2/export", "exporting layers", 0, 0, false),
                       Part("2/export", "exporting layers", 0, 0, true)})
                .error,
            "[web:build] downloading 4.0 of 4.0 MB\n"
            "[web:build] exporting layers\n");
}

TEST(PlainRendererTest, TellsHowLongAStepTookThatTookItsTime) {
  v1::Event start = Step("web:build", "1", "[1/2] RUN make");
  v1::Event end = Part("1", "[1/2] RUN make", 0, 0, true);
  end.mutable_time()->set_seconds(start.time().seconds() + 12);
  const v1::Event quick = Part("2", "[2/2] RUN true", 0, 0, true);

  EXPECT_EQ(Shown({}, {start, end, quick, quick}).error,
            "[web:build] [1/2] RUN make\n"
            "[web:build] DONE 12.0s [1/2] RUN make\n"
            "[web:build] [2/2] RUN true\n");
}

TEST(PlainRendererTest, SaysAgainThatAStepWasCachedAfterAll) {
  EXPECT_EQ(Shown({}, {Step("web:build", "1", "[1/2] FROM base"),
                       Step("web:build", "1", "[1/2] FROM base", true),
                       Step("web:build", "1", "[1/2] FROM base", true)})
                .error,
            "[web:build] [1/2] FROM base\n[web:build] CACHED [1/2] FROM base\n");
}

TEST(PlainRendererTest, CutsAStepThatIsAWholeScript) {
  const std::string shown =
      Shown({}, {Step("a:build", "1", "RUN x &&     " + std::string(300, 'y'))}).error;
  EXPECT_EQ(shown, "[a:build] RUN x && " + std::string(190, 'y') + "…\n");
}

TEST(PlainRendererTest, PutsTheOutputOfCommandsWhereTheyWroteIt) {
  const RecordedConsole recorded =
      Shown({.output_is_result = true},
            {Plan({"web:lint"}), Started("web:lint"), Output("web:lint", "fine\n"),
             Output("web:lint", "careful\n", v1::TaskOutput::STREAM_STDERR), Finished("web:lint")});

  EXPECT_EQ(recorded.out, "[web:lint] fine\n");
  EXPECT_EQ(recorded.error, "[web:lint] careful\n[web:lint] done in 1.2s\n");
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
             Failed("web:build", "exit code 2", {"cc x.c", "x.c:1: error"}), Finished("api:build"),
             Result("1 built, 1 failed in 1.3s")},
            MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "web:build: exit code 2",
                      {"nopo build web --no-cache"}));

  EXPECT_EQ(recorded.error,
            "[web:build] failed after 1.2s\n"
            "[api:build] done in 1.2s\n"
            "1 built, 1 failed in 1.3s\n"
            "error: web:build: exit code 2\n"
            "    | cc x.c\n"
            "    | x.c:1: error\n"
            "hint: nopo build web --no-cache\n");
}

TEST(PlainRendererTest, DoesNotRepeatTheLinesOfALoneCommand) {
  const RecordedConsole recorded =
      Shown({.output_is_result = true},
            {Plan({"web:lint"}), Output("web:lint", "bad\n"),
             Failed("web:lint", "exit code 1", {"bad"}), Result("1 failed in 1.2s")},
            MakeError(absl::StatusCode::kAborted, Reason::kTaskFailed, "web:lint: exit code 1"));
  EXPECT_EQ(recorded.error,
            "[web:lint] failed after 1.2s\n"
            "1 failed in 1.2s\n"
            "error: web:lint: exit code 1\n");
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

TEST(PlainRendererTest, TellsRoundAfterRoundAsIfEachWereTheFirst) {
  const v1::Event step = Step("web:build", "1", "[1/2] FROM base");

  EXPECT_EQ(
      Shown(
          {},
          {Plan({"web:build"}), Started("web:build"), step, Failed("web:build", "exit code 1"),
           Result("1 failed"), Round(1, "BUILD_FAILED", "web:build: exit code 1"),
           Log(v1::LogWritten::LEVEL_INFO, "changed: a.ts"), Plan({"web:build"}),
           Started("web:build"), step, Finished("web:build", "built"), Result("1 done"), Round(2)},
          MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted, "interrupted"))
          .error,
      "[web:build] started\n"
      "[web:build] [1/2] FROM base\n"
      "[web:build] failed after 1.2s\n"
      "1 failed\n"
      "error: web:build: exit code 1\n"
      "watching 1 target for changes (Ctrl-C to end)\n"
      "changed: a.ts\n"
      "[web:build] started\n"
      "[web:build] [1/2] FROM base\n"
      "[web:build] built in 1.2s\n"
      "1 done\n"
      "watching 2 targets for changes (Ctrl-C to end)\n"
      "error: interrupted\n");
}

TEST(PlainRendererTest, TellsWhyARoundDidNotGetToItsPlan) {
  EXPECT_EQ(Shown({}, {Round(0, "CONFIGURATION", "nopo.yml:1: oops", {"mend it"})}).error,
            "error: nopo.yml:1: oops\n"
            "hint: mend it\n"
            "watching 0 targets for changes (Ctrl-C to end)\n");
}

TEST(PlainRendererTest, WaitsForNothingAfterTheLastRound) {
  v1::Event last = Round(1);
  last.mutable_round_ended()->set_last(true);

  EXPECT_EQ(Shown({}, {Result("1 done"), last},
                  MakeError(absl::StatusCode::kFailedPrecondition, Reason::kUnspecified,
                            "apps/web cannot be watched"))
                .error,
            "1 done\n"
            "error: apps/web cannot be watched\n");
}

}  // namespace
}  // namespace nopo
