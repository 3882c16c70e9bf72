// What a command tells of itself besides its answer: the DEBUG lines, the table of DEBUG=timing and
// the trace of --trace.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/arguments.h"
#include "cli/progress/console.h"
#include "cli/progress/timeline.h"
#include "cli/terminal.h"
#include "common/debug_areas.h"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}  // namespace google::protobuf

namespace nopo {

// Not thread-safe.
class Observation {
 public:
  using Sink = std::function<void(const v1::Event&)>;

  // Tells nothing.
  Observation() : Observation(DebugAreas(), {}, [](const v1::Event&) {}) {}

  // Reads DEBUG, warning of areas that do not exist, and makes sure that a trace can be written.
  //
  // Errors: BAD_ARGUMENTS or PERMISSION: the trace cannot be written where --trace says.
  static absl::StatusOr<std::unique_ptr<Observation>> Start(const DisplayArguments& display,
                                                            Console console,
                                                            const TerminalFacts& terminal,
                                                            const EnvironmentReader& environment);

  // Lines go to `show`, until another call; null: to stderr, as they do in the beginning.
  void ShowThrough(Sink show) { show_ = show == nullptr ? print_ : std::move(show); }

  // Takes what has been shown by somebody else.
  void Note(const v1::Event& event);
  // Takes and shows what came with an answer.
  void Receive(const google::protobuf::RepeatedPtrField<v1::Event>& events);

  // Does `work` and takes how long that was.
  template <typename Work>
  auto Measure(absl::string_view phase, const Work& work) {
    const absl::Time start = absl::Now();
    auto result = work();
    AddPhase({.name = std::string(phase), .start = start, .end = absl::Now()});
    return result;
  }

  // Shows the table, if it is wanted and has not been shown yet.
  void ShowTable();
  // Shows the table and writes the trace; one that cannot be written after all is only a warning.
  void Finish();

 private:
  Observation(DebugAreas areas, std::filesystem::path trace_file, Sink print)
      : areas_(std::move(areas)),
        trace_file_(std::move(trace_file)),
        print_(std::move(print)),
        show_(print_) {}

  bool ShowsTiming() const { return areas_.Has(DebugArea::kTiming); }
  void AddPhase(TimedSpan phase);
  void ShowTiming(const std::string& line);
  void Warn(const std::string& message);

  const DebugAreas areas_;
  const std::filesystem::path trace_file_;  // Empty: no trace.
  const Sink print_;
  Sink show_;
  Timeline timeline_;
  bool table_shown_ = false;
};

}  // namespace nopo
