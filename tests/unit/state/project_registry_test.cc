#include "daemon/state/project_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using testing::ElementsAre;

void NeverWaits(absl::string_view holder) { ADD_FAILURE() << "waits for " << holder; }

// One operation on a thread of its own: asks for the turn, notes when it has it, gives it back.
class Operation {
 public:
  Operation(ProjectRegistry& registry, std::string name, std::vector<std::string>& order)
      : thread_([this, &registry, name, &order] {
          const auto turn = registry.Acquire(
              "/shop", name, [this](absl::string_view holder) { NoteHolder(holder); },
              cancellation_);
          if (turn.ok()) order.push_back(name);  // Only ever one has the turn.
          status_ = turn.status();
        }) {}
  ~Operation() {
    if (thread_.joinable()) thread_.join();
  }

  // Blocks until the operation stands in line; whom it waits for.
  std::string AwaitHolder() {
    MutexLock lock(mutex_);
    while (!holder_.has_value()) changed_.Wait(mutex_);
    return *holder_;
  }
  void Cancel() { cancellation_.Cancel(); }
  absl::Status Join() {
    thread_.join();
    return status_;
  }

 private:
  void NoteHolder(absl::string_view holder) {
    MutexLock lock(mutex_);
    holder_ = std::string(holder);
    changed_.NotifyAll();
  }

  Mutex mutex_;
  CondVar changed_;
  std::optional<std::string> holder_ ABSL_GUARDED_BY(mutex_);
  Cancellation cancellation_;
  absl::Status status_;
  std::thread thread_;
};

class ProjectRegistryTest : public testing::Test {
 protected:
  ProjectRegistry::Turn TakeTurn(const std::string& root = "/shop") {
    auto turn = registry_.Acquire(root, "up", NeverWaits, never_);
    EXPECT_TRUE(turn.ok()) << turn.status();
    return *std::move(turn);
  }

  ProjectRegistry registry_;
  Cancellation never_;
  std::vector<std::string> order_;
};

TEST_F(ProjectRegistryTest, GivesAFreeProjectAtOnceAndAgainAfterItsRelease) {
  { const ProjectRegistry::Turn turn = TakeTurn(); }
  const ProjectRegistry::Turn turn = TakeTurn();
}

TEST_F(ProjectRegistryTest, LetsProjectsChangeSideBySide) {
  const ProjectRegistry::Turn shop = TakeTurn("/shop");
  const ProjectRegistry::Turn bank = TakeTurn("/bank");
}

TEST_F(ProjectRegistryTest, AMovedTurnIsReleasedOnce) {
  {
    ProjectRegistry::Turn turn = TakeTurn();
    const ProjectRegistry::Turn moved = std::move(turn);
  }
  const ProjectRegistry::Turn again = TakeTurn();
}

TEST_F(ProjectRegistryTest, TellsTheSecondWhomItWaitsFor) {
  std::optional<ProjectRegistry::Turn> up(TakeTurn());
  Operation down(registry_, "down", order_);
  EXPECT_EQ(down.AwaitHolder(), "up");

  up.reset();

  EXPECT_TRUE(down.Join().ok());
}

TEST_F(ProjectRegistryTest, GivesTurnsInTheOrderOfAsking) {
  std::optional<ProjectRegistry::Turn> up(TakeTurn());
  Operation first(registry_, "first", order_);
  first.AwaitHolder();
  Operation second(registry_, "second", order_);
  second.AwaitHolder();
  Operation third(registry_, "third", order_);
  third.AwaitHolder();

  up.reset();

  EXPECT_TRUE(first.Join().ok());
  EXPECT_TRUE(second.Join().ok());
  EXPECT_TRUE(third.Join().ok());
  EXPECT_THAT(order_, ElementsAre("first", "second", "third"));
}

TEST_F(ProjectRegistryTest, ACancelledOneLeavesTheLine) {
  std::optional<ProjectRegistry::Turn> up(TakeTurn());
  Operation cancelled(registry_, "cancelled", order_);
  cancelled.AwaitHolder();
  Operation patient(registry_, "patient", order_);
  patient.AwaitHolder();

  cancelled.Cancel();
  EXPECT_TRUE(absl::IsCancelled(cancelled.Join()));
  up.reset();

  EXPECT_TRUE(patient.Join().ok());
  EXPECT_THAT(order_, ElementsAre("patient"));
}

TEST_F(ProjectRegistryTest, DoesNotStartForACancelledRequest) {
  Cancellation cancelled;
  cancelled.Cancel();

  const auto turn = registry_.Acquire("/shop", "up", NeverWaits, cancelled);

  EXPECT_TRUE(absl::IsCancelled(turn.status()));
  const ProjectRegistry::Turn other = TakeTurn();
}

TEST_F(ProjectRegistryTest, NeverGivesTwoTurnsOfOneProjectAtOnce) {
  int counter = 0;  // Unguarded: the turn is what guards it.
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        const auto turn = registry_.Acquire(
            "/shop", "up", [](absl::string_view) {}, never_);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 800);
}

}  // namespace
}  // namespace nopo
