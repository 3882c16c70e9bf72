#include "common/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/time/clock.h"

namespace nopo {
namespace {

TEST(MutexTest, GuardsAgainstConcurrentChanges) {
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        MutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(count, 4000);
}

TEST(CondVarTest, WakesAWaitingThreadThatThenHoldsTheLock) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  std::thread other([&] {
    MutexLock lock(mutex);
    ready = true;
    changed.NotifyAll();
  });

  {
    MutexLock lock(mutex);
    while (!ready) changed.Wait(mutex);
  }

  other.join();
  EXPECT_TRUE(ready);
}

TEST(CondVarTest, WaitingEndsAtTheDeadline) {
  Mutex mutex;
  CondVar changed;
  MutexLock lock(mutex);

  while (changed.WaitUntil(mutex, absl::Now())) continue;  // Wakes for no reason are allowed.
}

}  // namespace
}  // namespace nopo
