// Turns what BuildKit says of one build into events of a task, and remembers what a failure needs.
//
// A part of a step, such as a transfer, is reported as a step named "STEP/PART".
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "daemon/buildkit/buildkit_client.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// Not thread-safe: takes one event at a time, as BuildkitClient gives them.
class SolveReport {
 public:
  // `dockerfile` is its text. `events` must outlive this.
  SolveReport(std::string task, std::string dockerfile, EventSink& events);

  void Apply(const SolveEvent& event);

  // Of the step that failed its lines in the Dockerfile, then the last 20 lines that it printed;
  // empty when none failed.
  std::vector<std::string> LastLines() const;

 private:
  void Report(const SolveVertex& vertex);
  void Report(const SolveStatus& status);
  void Report(const SolveLog& log);
  void Report(const SolveWarning& warning);

  // The last 20 lines of the step `vertex`.
  std::vector<std::string> LogOf(const std::string& vertex) const;

  const std::string task_;
  const std::string dockerfile_;
  EventSink& events_;
  // By vertex; the last line may be unfinished.
  std::map<std::string, std::deque<std::string>> lines_;
  std::string failed_;       // Vertex.
  std::string failed_name_;  // "[2/4] RUN make"
};

}  // namespace nopo
