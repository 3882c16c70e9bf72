#include "common/cancellation.h"

#include <gtest/gtest.h>

#include <latch>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace nopo {
namespace {

TEST(CancellationTest, FiresOnceAndCallsWhoRegistered) {
  Cancellation cancellation;
  int calls = 0;
  const Cancellation::Registration registration = cancellation.OnCancel([&calls] { ++calls; });
  EXPECT_FALSE(cancellation.IsCancelled());
  EXPECT_TRUE(cancellation.Check().ok());

  cancellation.Cancel();
  cancellation.Cancel();

  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(cancellation.IsCancelled());
  EXPECT_EQ(cancellation.Check().code(), absl::StatusCode::kCancelled);
}

TEST(CancellationTest, CallsEveryoneInTheOrderOfRegistration) {
  Cancellation cancellation;
  std::string calls;
  const Cancellation::Registration first = cancellation.OnCancel([&calls] { calls += "1"; });
  const Cancellation::Registration second = cancellation.OnCancel([&calls] { calls += "2"; });

  cancellation.Cancel();

  EXPECT_EQ(calls, "12");
}

TEST(CancellationTest, CallsAtOnceWhoRegistersTooLate) {
  Cancellation cancellation;
  cancellation.Cancel();
  int calls = 0;

  const Cancellation::Registration registration = cancellation.OnCancel([&calls] { ++calls; });

  EXPECT_EQ(calls, 1);
}

TEST(CancellationTest, DoesNotCallWhoUnregistered) {
  Cancellation cancellation;
  int calls = 0;
  {
    const Cancellation::Registration registration = cancellation.OnCancel([&calls] { ++calls; });
  }

  cancellation.Cancel();

  EXPECT_EQ(calls, 0);
}

TEST(CancellationTest, AMovedRegistrationStaysRegistered) {
  Cancellation cancellation;
  int calls = 0;
  Cancellation::Registration kept;
  {
    Cancellation::Registration registration = cancellation.OnCancel([&calls] { ++calls; });
    kept = std::move(registration);
  }
  const Cancellation::Registration moved = std::move(kept);

  cancellation.Cancel();

  EXPECT_EQ(calls, 1);
}

TEST(CancellationTest, AssigningARegistrationDropsTheOneBefore) {
  Cancellation cancellation;
  std::string calls;
  Cancellation::Registration registration = cancellation.OnCancel([&calls] { calls += "old"; });

  registration = cancellation.OnCancel([&calls] { calls += "new"; });
  cancellation.Cancel();

  EXPECT_EQ(calls, "new");
}

TEST(CancellationTest, UnregisteringWaitsForACallUnderWay) {
  Cancellation cancellation;
  std::latch called(1), may_end(1);
  bool ended = false;  // Unguarded: that is what unregistering promises.
  std::optional<Cancellation::Registration> registration = cancellation.OnCancel([&] {
    called.count_down();
    may_end.wait();
    ended = true;
  });
  std::thread canceller([&] { cancellation.Cancel(); });
  called.wait();
  std::thread releaser([&] { may_end.count_down(); });

  registration.reset();

  EXPECT_TRUE(ended);
  canceller.join();
  releaser.join();
}

TEST(CancellationTest, FiresWithItsParent) {
  Cancellation parent;
  const Cancellation child(parent);

  parent.Cancel();

  EXPECT_TRUE(child.IsCancelled());
}

TEST(CancellationTest, IsBornFiredByAParentThatHas) {
  Cancellation parent;
  parent.Cancel();

  EXPECT_TRUE(Cancellation(parent).IsCancelled());
}

TEST(CancellationTest, LeavesItsParentAlone) {
  const Cancellation parent;
  Cancellation child(parent);

  child.Cancel();

  EXPECT_FALSE(parent.IsCancelled());
}

TEST(CancellationTest, WaitingEndsWithTheCancellation) {
  Cancellation cancellation;
  std::thread canceller([&] { cancellation.Cancel(); });

  EXPECT_TRUE(cancellation.WaitUntil(absl::InfiniteFuture()));
  canceller.join();
}

TEST(CancellationTest, WaitingEndsAtTheDeadline) {
  EXPECT_FALSE(Cancellation().WaitUntil(absl::Now()));
}

}  // namespace
}  // namespace nopo
