#include "daemon/events/event_sink.h"

namespace nopo {

absl::string_view TaskOutcomeName(TaskOutcome outcome) {
  switch (outcome) {
    case TaskOutcome::kSucceeded:
      return "succeeded";
    case TaskOutcome::kUpToDate:
      return "up-to-date";
    case TaskOutcome::kFailed:
      return "failed";
    case TaskOutcome::kSkipped:
      return "skipped";
    case TaskOutcome::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

void EventSink::Info(absl::string_view message) {
  Report(LogWritten{.level = LogWritten::Level::kInfo, .message = std::string(message)});
}

void EventSink::Warning(absl::string_view message) {
  Report(LogWritten{.level = LogWritten::Level::kWarning, .message = std::string(message)});
}

void EventSink::WriteDebug(std::string area, std::string message) {
  Report(LogWritten{
      .level = LogWritten::Level::kDebug, .area = std::move(area), .message = std::move(message)});
}

}  // namespace nopo
