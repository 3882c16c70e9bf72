// Events for tests, short to write.
#pragma once

#include <string>
#include <vector>

#include "nopo/v1/event.pb.h"

namespace nopo {

inline v1::Event Plan(const std::vector<std::string>& tasks) {
  v1::Event event;
  for (const std::string& task : tasks) event.mutable_plan_ready()->add_tasks()->set_name(task);
  return event;
}

inline v1::Event Started(const std::string& task) {
  v1::Event event;
  event.mutable_task_started()->set_task(task);
  return event;
}

inline v1::Event Output(const std::string& task, const std::string& text,
                        v1::TaskOutput::Stream stream = v1::TaskOutput::STREAM_STDOUT) {
  v1::Event event;
  event.mutable_task_output()->set_task(task);
  event.mutable_task_output()->set_data(text);
  event.mutable_task_output()->set_stream(stream);
  return event;
}

inline v1::Event Step(const std::string& task, const std::string& step, const std::string& message,
                      bool cached = false) {
  v1::Event event;
  event.mutable_task_progress()->set_task(task);
  event.mutable_task_progress()->set_step(step);
  event.mutable_task_progress()->set_message(message);
  event.mutable_task_progress()->set_cached(cached);
  return event;
}

inline v1::Event Finished(const std::string& task, const std::string& reason = "",
                          v1::TaskOutcome outcome = v1::TASK_OUTCOME_SUCCEEDED,
                          int milliseconds = 1200) {
  v1::Event event;
  v1::TaskFinished& finished = *event.mutable_task_finished();
  finished.set_task(task);
  finished.set_reason(reason);
  finished.set_outcome(outcome);
  finished.mutable_duration()->set_seconds(milliseconds / 1000);
  finished.mutable_duration()->set_nanos(milliseconds % 1000 * 1000000);
  return event;
}

inline v1::Event Failed(const std::string& task, const std::string& error,
                        const std::vector<std::string>& last_lines = {}) {
  v1::Event event = Finished(task, "", v1::TASK_OUTCOME_FAILED);
  event.mutable_task_finished()->set_error(error);
  for (const std::string& line : last_lines) event.mutable_task_finished()->add_last_lines(line);
  return event;
}

inline v1::Event Log(v1::LogWritten::Level level, const std::string& message,
                     const std::string& area = "") {
  v1::Event event;
  event.mutable_log_written()->set_level(level);
  event.mutable_log_written()->set_message(message);
  event.mutable_log_written()->set_area(area);
  return event;
}

inline v1::Event Result(const std::string& summary, const std::string& output = "") {
  v1::Event event;
  event.mutable_result_ready()->set_summary(summary);
  event.mutable_result_ready()->set_output(output);
  return event;
}

// Without a `reason` one that went well.
inline v1::Event Round(int targets, const std::string& reason = "", const std::string& message = "",
                       const std::vector<std::string>& hints = {}) {
  v1::Event event;
  v1::RoundEnded& round = *event.mutable_round_ended();
  round.set_targets(targets);
  round.set_reason(reason);
  round.set_message(message);
  for (const std::string& hint : hints) round.add_hints(hint);
  return event;
}

}  // namespace nopo
