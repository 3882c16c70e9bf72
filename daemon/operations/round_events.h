// The events of one round of `watch` on their way to the client, and when its commands ran.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "daemon/events/event_sink.h"

namespace nopo {

class RoundEvents final : public EventSink {
 public:
  // `client` must outlive this; `wishes` are those of its client.
  RoundEvents(EventSink& client, EventWishes wishes)
      : EventSink(std::move(wishes)), client_(client) {}

  // The tasks that run commands of the project, which may write files. Before they start.
  void NoteCommands(std::set<std::string> tasks) ABSL_LOCKS_EXCLUDED(mutex_);
  void Publish(Event event) override ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether any of those tasks did something.
  bool CommandsRan() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether a file with that time may have been written by one of them.
  bool CommandsRanAt(absl::Time time) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void NoteLocked(const Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  EventSink& client_;
  mutable Mutex mutex_;
  std::set<std::string> commands_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> running_ ABSL_GUARDED_BY(mutex_);  // Since when.
  std::vector<std::pair<absl::Time, absl::Time>> spans_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
