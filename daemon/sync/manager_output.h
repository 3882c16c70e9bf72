// What one of several dependency managers prints, as lines that say whose they are.
#pragma once

#include <array>
#include <string>

#include "common/mutex.h"
#include "daemon/docker/line_splitter.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// Passes events on; TaskOutput as whole lines that begin with "NAME: ", or not at all.
class ManagerOutput final : public EventSink {
 public:
  // `events` must outlive it.
  ManagerOutput(EventSink& events, std::string name, bool is_shown)
      : events_(events), name_(std::move(name)), is_shown_(is_shown) {}

  void Publish(Event event) override ABSL_LOCKS_EXCLUDED(mutex_);

  // Passes on what is left of a line. To be called last.
  void Finish() ABSL_LOCKS_EXCLUDED(mutex_);
  // The last line on stderr, else on stdout; "" when nothing was printed. After Finish.
  std::string LastWords() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Stream {
    LineSplitter lines;
    std::string last;
  };
  void PassOn(const TaskOutput& output) ABSL_LOCKS_EXCLUDED(mutex_);

  EventSink& events_;
  const std::string name_;
  const bool is_shown_;
  mutable Mutex mutex_;
  std::string task_ ABSL_GUARDED_BY(mutex_);
  Stream out_ ABSL_GUARDED_BY(mutex_);
  Stream error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
