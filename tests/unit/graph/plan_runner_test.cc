#include "daemon/graph/plan_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/mutex.h"

namespace nopo {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Le;

// Keeps what it is told, as short lines: "web:lint started", "web:lint failed: exited (3)".
class Recorder final : public EventSink {
 public:
  void Publish(Event event) override {
    MutexLock lock(mutex_);
    if (const auto* ready = std::get_if<PlanReady>(&event.fact)) {
      lines_.push_back(absl::StrCat("plan of ", ready->tasks.size()));
    } else if (const auto* started = std::get_if<TaskStarted>(&event.fact)) {
      lines_.push_back(absl::StrCat(started->task, " started"));
    } else if (const auto* finished = std::get_if<TaskFinished>(&event.fact)) {
      std::string line = absl::StrCat(finished->task, " ", TaskOutcomeName(finished->outcome));
      if (!finished->reason.empty()) absl::StrAppend(&line, ": ", finished->reason);
      if (!finished->error.empty()) {
        absl::StrAppend(&line, ": ", finished->error, " (", finished->exit_code, ")");
      }
      lines_.push_back(line);
    }
  }
  std::vector<std::string> lines() {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

TaskResult Failure() {
  return {.status = WithTaskExitCode(
              MakeError(absl::StatusCode::kFailedPrecondition, Reason::kTaskFailed, "exited"), 3),
          .last_lines = {"boom"}};
}

TaskResult Stopped() { return {.status = absl::CancelledError("cancelled")}; }

class PlanRunnerTest : public ::testing::Test {
 protected:
  // A task whose body returns `result` at once.
  void Add(const std::string& name, std::vector<std::string> depends_on, TaskResult result = {}) {
    AddBody(name, std::move(depends_on), [result](const TaskContext&) { return result; });
  }
  void AddBody(const std::string& name, std::vector<std::string> depends_on, TaskBody body) {
    tasks_.push_back({name, std::move(depends_on)});
    bodies_[name] = std::move(body);
  }
  RunSummary Run(RunOptions options = {}) {
    const absl::StatusOr<Plan> plan = Plan::Create(tasks_);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return RunPlan(*plan, bodies_, options, events_, cancellation_);
  }

  std::vector<Task> tasks_;
  std::map<std::string, TaskBody> bodies_;
  Recorder events_;
  Cancellation cancellation_;
};

TEST_F(PlanRunnerTest, AnnouncesThePlanThenRunsDependenciesFirst) {
  Add("web:build", {"api:build"});
  Add("api:build", {});

  const RunSummary summary = Run();

  EXPECT_TRUE(summary.Outcome().ok());
  EXPECT_THAT(events_.lines(), ElementsAre("plan of 2", "api:build started", "api:build succeeded",
                                           "web:build started", "web:build succeeded"));
}

TEST_F(PlanRunnerTest, AnEmptyPlanSucceeds) {
  EXPECT_TRUE(Run().Outcome().ok());
  EXPECT_THAT(events_.lines(), ElementsAre("plan of 0"));
}

TEST_F(PlanRunnerTest, ReportsWhatATaskDidAndWhy) {
  Add("db:start", {}, {.reason = "unchanged", .up_to_date = true});
  Add("web:start", {}, {.reason = "created: no container"});

  const RunSummary summary = Run();

  EXPECT_THAT(events_.lines(),
              ElementsAre("plan of 2", "db:start started", "db:start up-to-date: unchanged",
                          "web:start started", "web:start succeeded: created: no container"));
  EXPECT_EQ(summary.Find("db:start")->reason, "unchanged");
}

TEST_F(PlanRunnerTest, AFailedTaskSkipsAllThatWaitsForItAndNothingElse) {
  Add("api:build", {}, Failure());
  Add("web:build", {"api:build"});
  Add("web:start", {"web:build"});
  Add("zoo:build", {});

  const RunSummary summary = Run();

  EXPECT_THAT(
      events_.lines(),
      ElementsAre("plan of 4", "api:build started", "api:build failed: exited (3)",
                  "web:build skipped: api:build failed", "web:start skipped: api:build failed",
                  "zoo:build started", "zoo:build succeeded"));
  EXPECT_THAT(summary.Find("api:build")->last_lines, ElementsAre("boom"));
  EXPECT_EQ(ExitCodeOf(summary.Outcome()), 3);
}

TEST_F(PlanRunnerTest, ATaskOfTwoFailedDependenciesIsSkippedOnce) {
  Add("a", {}, Failure());
  Add("b", {}, Failure());
  Add("c", {"a", "b"});

  const RunSummary summary = Run();

  EXPECT_EQ(summary.entries.size(), 3u);
  EXPECT_EQ(summary.Find("c")->reason, "a failed");
}

TEST_F(PlanRunnerTest, ATaskWithoutABodyFails) {
  Add("a", {});
  bodies_.clear();

  EXPECT_EQ(Run().Find("a")->outcome, TaskOutcome::kFailed);
}

TEST_F(PlanRunnerTest, RunsIndependentTasksAtTheSameTime) {
  std::latch both_run(2);  // Blocks for ever unless two tasks meet there.
  const TaskBody meet = [&both_run](const TaskContext&) {
    both_run.arrive_and_wait();
    return TaskResult();
  };
  AddBody("a", {}, meet);
  AddBody("b", {}, meet);

  EXPECT_TRUE(Run({.jobs = 2}).Outcome().ok());
}

TEST_F(PlanRunnerTest, NeverRunsMoreTasksThanJobs) {
  Mutex mutex;
  int running = 0;
  std::vector<int> seen;
  for (int i = 0; i < 50; ++i) {
    AddBody(absl::StrCat("t", i), {}, [&](const TaskContext&) {
      {
        MutexLock lock(mutex);
        seen.push_back(++running);
      }
      std::this_thread::yield();
      MutexLock lock(mutex);
      --running;
      return TaskResult();
    });
  }

  EXPECT_TRUE(Run({.jobs = 3}).Outcome().ok());
  EXPECT_THAT(seen, Each(Le(3)));
}

TEST_F(PlanRunnerTest, ATaskStartsAsSoonAsItsOwnDependenciesAreDone) {
  // `slow` ends only once `late`, which stands two stages further on, has run.
  std::latch late_ran(1);
  AddBody("slow", {}, [&](const TaskContext&) {
    late_ran.wait();
    return TaskResult();
  });
  Add("first", {});
  Add("second", {"first"});
  AddBody("late", {"second"}, [&](const TaskContext&) {
    late_ran.count_down();
    return TaskResult();
  });

  EXPECT_TRUE(Run({.jobs = 2}).Outcome().ok());
}

TEST_F(PlanRunnerTest, WithoutFailFastIndependentTasksStartAfterAFailure) {
  Add("a", {}, Failure());
  Add("b", {});

  EXPECT_EQ(Run().Find("b")->outcome, TaskOutcome::kSucceeded);
}

TEST_F(PlanRunnerTest, FailFastStopsWhatRunsAndStartsNothingMore) {
  std::latch running(1);
  AddBody("a", {}, [&](const TaskContext& context) {
    running.count_down();
    context.cancellation.WaitUntil(absl::InfiniteFuture());
    return Stopped();
  });
  AddBody("b", {}, [&](const TaskContext&) {
    running.wait();
    return Failure();
  });
  Add("c", {"a"});

  const RunSummary summary = Run({.jobs = 2, .fail_fast = true});

  EXPECT_EQ(summary.Find("a")->outcome, TaskOutcome::kCancelled);
  EXPECT_EQ(summary.Find("a")->reason, "stopped: b failed");
  EXPECT_EQ(summary.Find("c")->reason, "not started: b failed");
  EXPECT_EQ(ExitCodeOf(summary.Outcome()), 3);
}

TEST_F(PlanRunnerTest, CancellationStopsWhatRunsAndStartsNothingMore) {
  AddBody("a", {}, [&](const TaskContext& context) {
    cancellation_.Cancel();
    return context.cancellation.IsCancelled() ? Stopped() : TaskResult();
  });
  Add("b", {});
  Add("c", {"a"});

  const RunSummary summary = Run();

  EXPECT_THAT(events_.lines(), ElementsAre("plan of 3", "a started", "a cancelled",
                                           "b cancelled: not started", "c cancelled: not started"));
  EXPECT_EQ(ExitCodeOf(summary.Outcome()), kExitInterrupted);
}

TEST_F(PlanRunnerTest, ACancelledRequestRunsNothing) {
  Add("a", {});
  cancellation_.Cancel();

  EXPECT_EQ(ExitCodeOf(Run().Outcome()), kExitInterrupted);
  EXPECT_THAT(events_.lines(), ElementsAre("plan of 1", "a cancelled: not started"));
}

TEST_F(PlanRunnerTest, CancellationAfterTheLastTaskEndedWellChangesNothing) {
  AddBody("a", {}, [&](const TaskContext&) {
    cancellation_.Cancel();
    return TaskResult();
  });

  EXPECT_TRUE(Run().Outcome().ok());
}

TEST_F(PlanRunnerTest, ACancelledCallInATaskNobodyStoppedIsAFailure) {
  Add("a", {}, Stopped());

  EXPECT_EQ(Run().Find("a")->outcome, TaskOutcome::kFailed);
}

TEST_F(PlanRunnerTest, ADependentMayStartOnceItsDependencyIsUnderWay) {
  std::latch dependent_ran(1);
  AddBody("db", {}, [&](const TaskContext& context) {
    context.under_way();
    dependent_ran.wait();
    return TaskResult();
  });
  AddBody("web", {"db"}, [&](const TaskContext&) {
    dependent_ran.count_down();
    return TaskResult();
  });
  tasks_.back().after_under_way = {"db"};

  EXPECT_TRUE(Run({.jobs = 2}).Outcome().ok());
}

TEST_F(PlanRunnerTest, AFailureAfterBeingUnderWaySkipsOnlyThoseThatNeedTheEnd) {
  AddBody("db", {}, [&](const TaskContext& context) {
    context.under_way();
    return Failure();
  });
  Add("web", {"db"});
  tasks_.back().after_under_way = {"db"};
  Add("api", {"db"});

  const RunSummary summary = Run();

  EXPECT_EQ(summary.Find("web")->outcome, TaskOutcome::kSucceeded);
  EXPECT_EQ(summary.Find("api")->outcome, TaskOutcome::kSkipped);
}

TEST_F(PlanRunnerTest, TasksThatOnlyWaitTakeNoJob) {
  constexpr int kTasks = 5;
  std::latch all_running(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    AddBody(absl::StrCat("t", i), {}, [&](const TaskContext&) {
      all_running.arrive_and_wait();
      return TaskResult();
    });
    tasks_.back().waits = i > 0;
  }

  EXPECT_TRUE(Run({.jobs = 1}).Outcome().ok());
}

TEST_F(PlanRunnerTest, RunsALongChainInOrder) {
  std::vector<int> ran;
  std::vector<int> expected;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> depends_on;
    if (i > 0) depends_on.push_back(absl::StrCat("t", i - 1));
    AddBody(absl::StrCat("t", i), depends_on, [&ran, i](const TaskContext&) {
      ran.push_back(i);  // Unguarded: one waits for the other.
      return TaskResult();
    });
    expected.push_back(i);
  }

  EXPECT_TRUE(Run({.jobs = 4}).Outcome().ok());
  EXPECT_THAT(ran, ElementsAreArray(expected));
}

TEST_F(PlanRunnerTest, RunsAWideFanThenWhatWaitsForAllOfIt) {
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) {
    names.push_back(absl::StrCat("t", i));
    Add(names.back(), {});
  }
  Add("all", names);

  const RunSummary summary = Run({.jobs = 8});

  EXPECT_EQ(summary.CountOf(TaskOutcome::kSucceeded), 2001);
  EXPECT_EQ(summary.entries.back().task, "all");
}

}  // namespace
}  // namespace nopo
