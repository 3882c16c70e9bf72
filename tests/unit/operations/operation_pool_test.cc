#include "daemon/operations/operation_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace nopo {
namespace {

// Runs until told to end.
class Operation {
 public:
  std::function<void()> work() {
    return [this] {
      thread_ = std::this_thread::get_id();
      started_.set_value();
      end_.get_future().wait();
    };
  }
  void WaitUntilStarted() { started_.get_future().wait(); }
  void End() { end_.set_value(); }
  std::thread::id thread() const { return thread_; }

 private:
  std::promise<void> started_, end_;
  std::thread::id thread_;
};

TEST(OperationPoolTest, RunsOperationsBesideEachOther) {
  Operation first, second;
  OperationPool pool(2);
  ASSERT_TRUE(pool.Start(first.work()).ok());
  ASSERT_TRUE(pool.Start(second.work()).ok());
  first.WaitUntilStarted();
  second.WaitUntilStarted();

  EXPECT_EQ(pool.running(), 2);
  EXPECT_NE(first.thread(), second.thread());
  first.End();
  second.End();
}

TEST(OperationPoolTest, RefusesMoreThanItHasThreadsFor) {
  Operation operation;
  OperationPool pool(1);
  ASSERT_TRUE(pool.Start(operation.work()).ok());

  const absl::Status refused = pool.Start([] { FAIL() << "there is no thread for it"; });

  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.message(), "1 operations are running; try again when one has ended");
  operation.End();
}

TEST(OperationPoolTest, DestroysWhatAnOperationHeldBeforeItCountsAsEnded) {
  OperationPool pool(1);
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  ASSERT_TRUE(pool.Start([held = std::move(held)] {}).ok());
  pool.Stop();
  EXPECT_TRUE(watched.expired());
}

TEST(OperationPoolTest, CancelsWhatRunsWhenItStops) {
  OperationPool pool(1);
  bool was_cancelled = false;
  ASSERT_TRUE(pool.Start([&] {
                    const Cancellation cancellation(pool.stopping());
                    was_cancelled = cancellation.WaitUntil(absl::InfiniteFuture());
                  })
                  .ok());
  pool.Stop();
  EXPECT_TRUE(was_cancelled);
  EXPECT_EQ(pool.running(), 0);
}

TEST(OperationPoolTest, StillRunsWhatItHadTakenOnWhenItStops) {
  std::atomic<int> ran = 0;
  {
    OperationPool pool(8);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(pool.Start([&ran] { ++ran; }).ok());
  }
  EXPECT_EQ(ran, 8);
}

TEST(OperationPoolTest, TakesNothingOnOnceStopped) {
  OperationPool pool(1);
  pool.Stop();
  EXPECT_EQ(pool.Start([] {}).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace nopo
