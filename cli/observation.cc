#include "cli/observation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/progress/event_text.h"
#include "cli/progress/json_renderer.h"
#include "cli/progress/timing_table.h"
#include "cli/progress/trace_json.h"
#include "cli/trace_file.h"
#include "common/runtime_paths.h"
#include "common/status_macros.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

v1::Event LogEvent(v1::LogWritten::Level level, absl::string_view area, std::string message) {
  v1::Event event;
  const int64_t nanos = absl::ToUnixNanos(absl::Now());
  event.mutable_time()->set_seconds(nanos / 1'000'000'000);
  event.mutable_time()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  event.mutable_log_written()->set_level(level);
  event.mutable_log_written()->set_area(std::string(area));
  event.mutable_log_written()->set_message(std::move(message));
  return event;
}

// Writes events to stderr where no renderer does: all of them as JSON, else the lines.
Observation::Sink PrinterOn(const DisplayArguments& display, Console console,
                            const TerminalFacts& terminal, const EnvironmentReader& environment) {
  if (ChooseProgressMode(display, terminal, environment) == ProgressMode::kJson) {
    return [console](const v1::Event& event) { console.error(EventJsonLine(event)); };
  }
  const Palette palette(ChooseColour(display, terminal, environment));
  return [console, palette](const v1::Event& event) {
    if (!event.has_log_written()) return;
    console.error(absl::StrCat(LogLine(event.log_written(), palette), "\n"));
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Observation>> Observation::Start(
    const DisplayArguments& display, Console console, const TerminalFacts& terminal,
    const EnvironmentReader& environment) {
  if (!display.trace.empty()) NOPO_RETURN_IF_ERROR(CheckTraceFile(display.trace));
  std::vector<std::string> unknown;
  DebugAreas areas = DebugAreas::Parse(environment("DEBUG"), &unknown);
  std::unique_ptr<Observation> observation(
      new Observation(std::move(areas), display.trace,
                      PrinterOn(display, std::move(console), terminal, environment)));
  if (!unknown.empty()) {
    observation->Warn(absl::StrCat("DEBUG: there is no area '", absl::StrJoin(unknown, "', '"),
                                   "'; accepted are ", DebugAreaNames(), ", and 1 for all"));
  }
  return observation;
}

void Observation::Note(const v1::Event& event) {
  if (!ShowsTiming() && trace_file_.empty()) return;
  timeline_.Apply(event);
  if (!ShowsTiming()) return;
  if (event.has_phase_ended()) {
    const TimedSpan& phase = timeline_.daemon_phases().back();
    ShowTiming(absl::StrCat("nopod: ", phase.name, " took ", TimingText(phase.Took())));
  } else if (event.has_task_finished()) {
    const google::protobuf::Duration& took = event.task_finished().duration();
    ShowTiming(
        absl::StrCat(event.task_finished().task(), " took ",
                     TimingText(absl::Seconds(took.seconds()) + absl::Nanoseconds(took.nanos()))));
  }
}

void Observation::Receive(const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  for (const v1::Event& event : events) {
    show_(event);
    Note(event);
  }
}

void Observation::AddPhase(TimedSpan phase) {
  if (ShowsTiming()) {
    ShowTiming(absl::StrCat("nopo: ", phase.name, " took ", TimingText(phase.Took())));
  }
  timeline_.AddPhase(std::move(phase));
}

void Observation::ShowTable() {
  if (!ShowsTiming() || std::exchange(table_shown_, true)) return;
  for (const std::string& line : TimingTable(timeline_)) ShowTiming(line);
}

void Observation::Finish() {
  ShowTable();
  if (trace_file_.empty()) return;
  const absl::Status written = WriteTraceFile(trace_file_, TraceJson(timeline_));
  if (!written.ok()) Warn(std::string(written.message()));
}

void Observation::ShowTiming(const std::string& line) {
  show_(LogEvent(v1::LogWritten::LEVEL_DEBUG, DebugAreaName(DebugArea::kTiming), line));
}

void Observation::Warn(const std::string& message) {
  show_(LogEvent(v1::LogWritten::LEVEL_WARNING, "", message));
}

}  // namespace nopo
