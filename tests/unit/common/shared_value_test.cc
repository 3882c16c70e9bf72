#include "common/shared_value.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace nopo {
namespace {

using Number = SharedValue<const int>;

absl::StatusOr<Number::Pointer> Make(int number) { return std::make_shared<const int>(number); }

TEST(SharedValueTest, IsMadeOnceHoweverManyAsk) {
  Number value;
  const Cancellation never;
  std::atomic<int> made = 0;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto got = value.Get(never, [&] { return Make(++made); });
        if (got.ok() && **got == 1) ++right;
      });
    }
  }

  EXPECT_EQ(made, 1);
  EXPECT_EQ(right, 8);
}

TEST(SharedValueTest, IsMadeAgainOnceForgotten) {
  Number value;
  const Cancellation never;
  const auto first = *value.Get(never, [] { return Make(1); });

  EXPECT_TRUE(value.Forget(first));
  EXPECT_FALSE(value.Forget(first)) << "it is kept no more";

  EXPECT_EQ(**value.Get(never, [] { return Make(2); }), 2);
}

TEST(SharedValueTest, AFailureIsOnlyThatCallers) {
  Number value;
  const Cancellation never;
  const auto fail = []() -> absl::StatusOr<Number::Pointer> {
    return absl::UnavailableError("not yet");
  };

  EXPECT_TRUE(absl::IsUnavailable(value.Get(never, fail).status()));
  EXPECT_EQ(**value.Get(never, [] { return Make(3); }), 3);
}

TEST(SharedValueTest, WhoWaitsCanBeCancelledAlone) {
  Number value;
  const Cancellation never;
  Cancellation cancellation;
  std::latch begun(1), let_go(1);
  std::jthread maker([&] {
    const auto made = value.Get(never, [&] {
      begun.count_down();
      let_go.wait();
      return Make(4);
    });
    EXPECT_TRUE(made.ok());
  });
  begun.wait();
  std::jthread canceller([&] { cancellation.Cancel(); });

  EXPECT_TRUE(absl::IsCancelled(value.Get(cancellation, [] { return Make(5); }).status()));

  let_go.count_down();
  maker.join();
  EXPECT_EQ(**value.Get(never, [] { return Make(6); }), 4);
}

}  // namespace
}  // namespace nopo
