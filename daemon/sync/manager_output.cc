#include "daemon/sync/manager_output.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace nopo {

void ManagerOutput::Publish(Event event) {
  const TaskOutput* output = std::get_if<TaskOutput>(&event.fact);
  if (output == nullptr) return events_.Publish(std::move(event));
  PassOn(*output);
}

void ManagerOutput::Finish() {
  std::string task;
  {
    MutexLock lock(mutex_);
    task = task_;
  }
  for (const auto stream : {TaskOutput::Stream::kStdout, TaskOutput::Stream::kStderr}) {
    PassOn({.task = task, .stream = stream, .data = "\n"});
  }
}

std::string ManagerOutput::LastWords() const {
  MutexLock lock(mutex_);
  return error_.last.empty() ? out_.last : error_.last;
}

void ManagerOutput::PassOn(const TaskOutput& output) {
  std::string lines;
  {
    MutexLock lock(mutex_);
    task_ = output.task;
    Stream& stream = output.stream == TaskOutput::Stream::kStdout ? out_ : error_;
    stream.lines.Feed(output.data, [&](absl::string_view line) {
      stream.last = std::string(line);
      absl::StrAppend(&lines, name_, ": ", line, "\n");
    });
  }
  if (lines.empty() || !is_shown_) return;
  events_.Report(
      TaskOutput{.task = output.task, .stream = output.stream, .data = std::move(lines)});
}

}  // namespace nopo
