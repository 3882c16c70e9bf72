#include "daemon/rpc/event_translation.h"

#include <string>
#include <utility>

#include "common/error.h"
#include "common/utf8.h"
#include "daemon/events/event_sink.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

v1::TaskOutcome OutcomeToProto(TaskOutcome outcome) {
  switch (outcome) {
    case TaskOutcome::kSucceeded:
      return v1::TASK_OUTCOME_SUCCEEDED;
    case TaskOutcome::kUpToDate:
      return v1::TASK_OUTCOME_UP_TO_DATE;
    case TaskOutcome::kFailed:
      return v1::TASK_OUTCOME_FAILED;
    case TaskOutcome::kSkipped:
      return v1::TASK_OUTCOME_SKIPPED;
    case TaskOutcome::kCancelled:
      return v1::TASK_OUTCOME_CANCELLED;
  }
  return v1::TASK_OUTCOME_UNSPECIFIED;
}

void DurationToProto(absl::Duration duration, google::protobuf::Duration& proto) {
  const int64_t nanos = absl::ToInt64Nanoseconds(duration);
  proto.set_seconds(nanos / kNanosPerSecond);
  proto.set_nanos(static_cast<int>(nanos % kNanosPerSecond));
}

v1::LogWritten::Level LevelToProto(LogWritten::Level level) {
  switch (level) {
    case LogWritten::Level::kDebug:
      return v1::LogWritten::LEVEL_DEBUG;
    case LogWritten::Level::kInfo:
      return v1::LogWritten::LEVEL_INFO;
    case LogWritten::Level::kWarning:
      return v1::LogWritten::LEVEL_WARNING;
    case LogWritten::Level::kError:
      return v1::LogWritten::LEVEL_ERROR;
  }
  return v1::LogWritten::LEVEL_UNSPECIFIED;
}

// Writes one kind of fact into the event's oneof. What is text there may hold anything here: names
// of files, what a compiler said.
struct FactWriter {
  v1::Event& proto;

  void operator()(const PlanReady& fact) const {
    v1::PlanReady& out = *proto.mutable_plan_ready();
    for (const PlanReady::Task& task : fact.tasks) {
      v1::PlanReady::Task& added = *out.add_tasks();
      added.set_name(ValidUtf8(task.name));
      added.set_reason(ValidUtf8(task.reason));
      for (const std::string& name : task.depends_on) added.add_depends_on(ValidUtf8(name));
    }
  }
  void operator()(const TaskStarted& fact) const {
    proto.mutable_task_started()->set_task(ValidUtf8(fact.task));
  }
  void operator()(const TaskOutput& fact) const {
    v1::TaskOutput& out = *proto.mutable_task_output();
    out.set_task(ValidUtf8(fact.task));
    out.set_stream(fact.stream == TaskOutput::Stream::kStdout ? v1::TaskOutput::STREAM_STDOUT
                                                              : v1::TaskOutput::STREAM_STDERR);
    out.set_data(fact.data);
  }
  void operator()(const TaskProgress& fact) const {
    v1::TaskProgress& out = *proto.mutable_task_progress();
    out.set_task(ValidUtf8(fact.task));
    out.set_step(ValidUtf8(fact.step));
    out.set_message(ValidUtf8(fact.message));
    out.set_current(fact.current);
    out.set_total(fact.total);
    out.set_cached(fact.cached);
    out.set_done(fact.done);
  }
  void operator()(const TaskFinished& fact) const {
    v1::TaskFinished& out = *proto.mutable_task_finished();
    out.set_task(ValidUtf8(fact.task));
    out.set_outcome(OutcomeToProto(fact.outcome));
    out.set_reason(ValidUtf8(fact.reason));
    DurationToProto(fact.duration, *out.mutable_duration());
    out.set_exit_code(fact.exit_code);
    out.set_error(ValidUtf8(fact.error));
    for (const std::string& line : fact.last_lines) out.add_last_lines(ValidUtf8(line));
  }
  void operator()(const LogWritten& fact) const {
    v1::LogWritten& out = *proto.mutable_log_written();
    out.set_level(LevelToProto(fact.level));
    out.set_area(ValidUtf8(fact.area));
    out.set_message(ValidUtf8(fact.message));
  }
  void operator()(const PhaseEnded& fact) const {
    v1::PhaseEnded& out = *proto.mutable_phase_ended();
    out.set_name(fact.name);
    DurationToProto(fact.duration, *out.mutable_duration());
  }
  void operator()(const ResultReady& fact) const {
    v1::ResultReady& out = *proto.mutable_result_ready();
    out.set_summary(ValidUtf8(fact.summary));
    out.set_output(ValidUtf8(fact.output));
    out.set_json(ValidUtf8(fact.json));
  }
  void operator()(const TerminalAttached& fact) const {
    proto.mutable_terminal_attached()->set_task(ValidUtf8(fact.task));
    proto.mutable_terminal_attached()->set_plain(fact.plain);
  }
  void operator()(const RoundEnded& fact) const {
    v1::RoundEnded& out = *proto.mutable_round_ended();
    out.set_targets(fact.targets);
    out.set_last(fact.last);
    if (fact.outcome.ok()) return;
    out.set_reason(std::string(ReasonName(ReasonOf(fact.outcome))));
    out.set_message(ValidUtf8(fact.outcome.message()));
    for (const std::string& hint : HintsOf(fact.outcome)) out.add_hints(ValidUtf8(hint));
  }
};

}  // namespace

void EventToProto(const Event& event, v1::Event& proto) {
  const int64_t nanos = absl::ToUnixNanos(event.time);
  proto.mutable_time()->set_seconds(nanos / kNanosPerSecond);
  proto.mutable_time()->set_nanos(static_cast<int>(nanos % kNanosPerSecond));
  std::visit(FactWriter{proto}, event.fact);
}

}  // namespace nopo
