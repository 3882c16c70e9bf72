#include "daemon/events/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string TextOf(const std::optional<Event>& event) {
  if (!event.has_value()) return "end";
  return std::get<LogWritten>(event->fact).message;
}

// Asks for one event after another and keeps what it is told.
class Reader {
 public:
  explicit Reader(EventQueue& queue) : queue_(queue) {}
  void AskOnce() {
    queue_.Next([this](std::optional<Event> event) { seen_.push_back(TextOf(event)); });
  }
  void AskToTheEnd() {
    queue_.Next([this](std::optional<Event> event) {
      seen_.push_back(TextOf(event));
      if (event.has_value()) AskToTheEnd();
    });
  }
  const std::vector<std::string>& seen() const { return seen_; }

 private:
  EventQueue& queue_;
  std::vector<std::string> seen_;
};

TEST(EventQueueTest, HandsOutWhatIsQueuedInOrder) {
  EventQueue queue;
  Reader reader(queue);
  queue.Info("one");
  queue.Info("two");

  reader.AskOnce();
  reader.AskOnce();

  EXPECT_THAT(reader.seen(), ElementsAre("one", "two"));
}

TEST(EventQueueTest, CallsBackWhoAskedEarly) {
  EventQueue queue;
  Reader reader(queue);
  reader.AskOnce();
  EXPECT_THAT(reader.seen(), IsEmpty());

  queue.Info("one");
  queue.Info("two");

  EXPECT_THAT(reader.seen(), ElementsAre("one"));
}

TEST(EventQueueTest, EndsOnceClosedAndDrained) {
  EventQueue queue;
  Reader reader(queue);
  queue.Info("one");
  queue.Close();

  reader.AskToTheEnd();

  EXPECT_THAT(reader.seen(), ElementsAre("one", "end"));
}

TEST(EventQueueTest, ClosingTellsAWaitingReader) {
  EventQueue queue;
  Reader reader(queue);
  reader.AskOnce();

  queue.Close();

  EXPECT_THAT(reader.seen(), ElementsAre("end"));
}

TEST(EventQueueTest, TakesNothingOnceClosed) {
  EventQueue queue;
  Reader reader(queue);
  queue.Close();
  queue.Info("late");

  reader.AskOnce();

  EXPECT_THAT(reader.seen(), ElementsAre("end"));
}

TEST(EventQueueTest, DiscardingDropsWhatIsQueuedAndWhatComes) {
  EventQueue queue;
  Reader reader(queue);
  queue.Info("queued");
  queue.Discard();
  queue.Info("later");
  queue.Close();

  reader.AskOnce();

  EXPECT_THAT(reader.seen(), ElementsAre("end"));
}

TEST(EventQueueTest, AReaderMayAskAgainFromItsCallback) {
  EventQueue queue;
  Reader reader(queue);
  reader.AskToTheEnd();

  queue.Info("one");
  queue.Info("two");
  queue.Close();

  EXPECT_THAT(reader.seen(), ElementsAre("one", "two", "end"));
}

TEST(EventQueueTest, LosesNothingOfManyPublishers) {
  EventQueue queue;
  Reader reader(queue);
  std::vector<std::thread> publishers;
  for (int i = 0; i < 4; ++i) {
    publishers.emplace_back([&queue, i] {
      for (int j = 0; j < 500; ++j) queue.Info(absl::StrCat(i, ":", j));
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  queue.Close();

  reader.AskToTheEnd();

  EXPECT_THAT(reader.seen(), SizeIs(2001));
}

}  // namespace
}  // namespace nopo
