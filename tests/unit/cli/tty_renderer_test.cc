#include "cli/progress/tty_renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/mutex.h"
#include "tests/unit/cli/events.h"
#include "tests/unit/cli/recorded_console.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RendererOptions OptionsForTest() {
  return {.mode = ProgressMode::kTty, .title = "up", .out_is_terminal = true, .terminal_size = [] {
            return TerminalSize();
          }};
}

// What an operation that is over before the first frame leaves on the screen.
RecordedConsole Shown(const RendererOptions& options, const std::vector<v1::Event>& events,
                      const absl::Status& outcome = absl::OkStatus()) {
  RecordedConsole recorded;
  TtyRenderer renderer(options, recorded.console());
  for (const v1::Event& event : events) renderer.Show(event);
  renderer.Finish(outcome);
  return recorded;
}

TEST(TtyRendererTest, LeavesALineForEachTaskThatDidSomething) {
  const RecordedConsole recorded =
      Shown(OptionsForTest(),
            {Plan({"web:build", "web:start"}), Finished("web:build", "built web:local"),
             Finished("web:start", "", v1::TASK_OUTCOME_UP_TO_DATE), Result("all is up")});
  EXPECT_THAT(recorded.error, HasSubstr("✓ web:build  built web:local in 1.2s\n"));
  EXPECT_THAT(recorded.error, Not(HasSubstr("web:start")));
  EXPECT_THAT(recorded.error, HasSubstr("all is up\n"));
}

TEST(TtyRendererTest, SaysHowLongBesideWhatWasDoneAndNotBesideWhy) {
  const RecordedConsole recorded =
      Shown(OptionsForTest(),
            {Plan({"a:build"}), Finished("a:build", "all 2 steps cached; no build on record")});
  EXPECT_THAT(recorded.error,
              HasSubstr("a:build  all 2 steps cached in 1.2s; no build on record\n"));
}

TEST(TtyRendererTest, GivesTheLinesOfATargetOneColour) {
  const Palette palette(true);
  EXPECT_EQ(palette.Prefix("web:a").substr(0, 5), palette.Prefix("web:b").substr(0, 5));
  EXPECT_NE(palette.Prefix("web:a").substr(0, 5), palette.Prefix("api:a").substr(0, 5));
  EXPECT_EQ(Palette(false).Prefix("web:a"), "[web:a]");
}

TEST(TtyRendererTest, HidesTheLogOfBuildsUnlessVerbose) {
  const std::vector<v1::Event> events = {Plan({"web:build"}), Output("web:build", "compiling\n"),
                                         Finished("web:build")};
  EXPECT_THAT(Shown(OptionsForTest(), events).error, Not(HasSubstr("compiling")));
  RendererOptions verbose = OptionsForTest();
  verbose.verbose = true;
  EXPECT_THAT(Shown(verbose, events).error, HasSubstr("[web:build] compiling\n"));
}

TEST(TtyRendererTest, ScrollsTheOutputOfCommandsAboveTheFrame) {
  RendererOptions options = OptionsForTest();
  options.output_is_result = true;
  const RecordedConsole recorded =
      Shown(options, {Plan({"a:lint", "b:lint"}), Output("a:lint", "fine\n")});
  EXPECT_THAT(recorded.error, HasSubstr("[a:lint] fine\n"));
  EXPECT_EQ(recorded.out, "");
}

TEST(TtyRendererTest, WritesTheOutputOfCommandsToAPipeUnchanged) {
  RendererOptions options = OptionsForTest();
  options.output_is_result = true;
  options.out_is_terminal = false;
  const RecordedConsole recorded =
      Shown(options, {Plan({"a:lint"}), Output("a:lint", "\033[2Jfine\r\n")});
  EXPECT_EQ(recorded.out, "[a:lint] \033[2Jfine\r\n");
  EXPECT_THAT(recorded.error, Not(HasSubstr("fine")));
}

TEST(TtyRendererTest, TellsOfAFailureOnceWithItsLastLines) {
  const RecordedConsole recorded =
      Shown(OptionsForTest(),
            {Plan({"web:build"}), Failed("web:build", "exit code 2", {"oops"}), Result("1 failed")},
            MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "web:build: exit code 2"));
  EXPECT_THAT(recorded.error, HasSubstr("✗ web:build  failed after 1.2s\n"));
  EXPECT_THAT(recorded.error, HasSubstr("1 failed\nerror: web:build: exit code 2\n    | oops\n"));
  EXPECT_EQ(recorded.error.find("exit code 2"), recorded.error.rfind("exit code 2"));
}

TEST(TtyRendererTest, ChangesNoModeOfTheTerminal) {
  const RecordedConsole recorded =
      Shown(OptionsForTest(), {Plan({"a:b"}), Started("a:b"), Finished("a:b")});
  EXPECT_THAT(recorded.error, Not(HasSubstr("\033[?")));
}

TEST(TtyRendererTest, LeavesTheReportOfEachRoundAndCountsItsTasksAnew) {
  const RecordedConsole recorded = Shown(
      OptionsForTest(), {Plan({"web:build"}), Failed("web:build", "exit code 1"),
                         Result("1 failed"), Round(1, "BUILD_FAILED", "web:build: exit code 1"),
                         Log(v1::LogWritten::LEVEL_INFO, "changed: a.ts"), Plan({"web:build"}),
                         Finished("web:build", "built"), Result("1 done"), Round(1)});

  EXPECT_THAT(recorded.error, HasSubstr("1 failed\nerror: web:build: exit code 1\n"
                                        "changed: a.ts\n✓ web:build  built in 1.2s\n1 done\n"));
}

TEST(TtyRendererTest, SaysWhatItWaitsForUntilSomethingHappens) {
  RecordedConsole recorded;
  Mutex mutex;
  const auto shown = [&] {
    MutexLock lock(mutex);
    return recorded.error;
  };
  Console console = recorded.console();
  console.error = [&, write = console.error](absl::string_view text) {
    MutexLock lock(mutex);
    write(text);
  };
  constexpr absl::string_view kWaiting = "watching 1 target for changes (Ctrl-C to end)\n";
  TtyRenderer renderer(OptionsForTest(), console);
  renderer.Show(Round(1));
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!absl::StrContains(shown(), kWaiting) && absl::Now() < deadline) std::this_thread::yield();

  renderer.Show(Log(v1::LogWritten::LEVEL_INFO, "changed: a.ts"));
  renderer.Finish(absl::OkStatus());

  EXPECT_THAT(recorded.error, HasSubstr(kWaiting));
  // The row is overwritten.
  EXPECT_THAT(recorded.error, HasSubstr("\033[1A\r\033[K\033[B\033[1Achanged: a.ts\n"));
}

// Waits for what another thread draws.
class WatchedScreen {
 public:
  Console console() {
    const auto write = [this](absl::string_view text) {
      MutexLock lock(mutex_);
      writes_.emplace_back(text);
      changed_.NotifyAll();
    };
    return {.out = write, .error = write};
  }
  void WaitFor(const std::string& text) {
    MutexLock lock(mutex_);
    while (writes_.empty() || !absl::StrContains(writes_.back(), text)) changed_.Wait(mutex_);
  }
  std::vector<std::string> writes() {
    MutexLock lock(mutex_);
    return writes_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> writes_ ABSL_GUARDED_BY(mutex_);
};

TEST(TtyRendererTest, PaintsWhatIsInSightAnewAfterAResize) {
  std::atomic<int> columns = 80;
  RendererOptions options = OptionsForTest();
  options.output_is_result = true;
  options.terminal_size = [&] { return TerminalSize{.columns = columns, .rows = 24}; };
  WatchedScreen screen;
  TtyRenderer renderer(options, screen.console());
  renderer.Show(Plan({"a:b"}));
  renderer.Show(Started("a:b"));
  renderer.Show(Output("a:b", "a line\n"));
  screen.WaitFor("0 of 1 tasks done");
  const size_t before = screen.writes().size();

  columns = 40;
  renderer.Resized();
  renderer.HandOver();

  const std::vector<std::string> writes = screen.writes();
  const std::string after =
      absl::StrJoin(writes.begin() + static_cast<std::ptrdiff_t>(before), writes.end(), "");
  // The header, the task's line that takes two rows now, and the line of output above them.
  EXPECT_THAT(after, HasSubstr("\r\033[K"));
  EXPECT_THAT(after, HasSubstr("[a:b] a line\n"));
}

}  // namespace
}  // namespace nopo
