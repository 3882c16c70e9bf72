// An event sink that keeps what a task printed.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "common/mutex.h"
#include "daemon/events/event_sink.h"

namespace nopo {

class RecordedOutput final : public EventSink {
 public:
  // Calls `action`, once, on the thread that publishes, when stdout so far contains `text`.
  void WhenPrinted(std::string text, std::function<void()> action) {
    awaited_ = std::move(text);
    action_ = std::move(action);
  }

  void Publish(Event event) override {
    if (const auto* attached = std::get_if<TerminalAttached>(&event.fact)) {
      MutexLock lock(mutex_);
      // Before any output, or never.
      if (stdout_.empty()) attached_ = attached->task;
      plain_ = attached->plain;
    }
    if (const auto* log = std::get_if<LogWritten>(&event.fact)) {
      MutexLock lock(mutex_);
      log_ += log->message;
    }
    const auto* output = std::get_if<TaskOutput>(&event.fact);
    if (output == nullptr) return;
    MutexLock lock(mutex_);
    (output->stream == TaskOutput::Stream::kStdout ? stdout_ : stderr_) += output->data;
    task_ = output->task;
    if (action_ == nullptr || !absl::StrContains(stdout_, awaited_)) return;
    std::exchange(action_, nullptr)();
  }

  std::string stdout_text() { return Locked(stdout_); }
  std::string stderr_text() { return Locked(stderr_); }
  std::string task() { return Locked(task_); }
  // The task that said it has the terminal before it printed anything.
  std::string attached() { return Locked(attached_); }
  // What it said was to have the client's streams as they are.
  bool plain() {
    MutexLock lock(mutex_);
    return plain_;
  }
  // What was told besides.
  std::string log_text() { return Locked(log_); }

 private:
  std::string Locked(const std::string& text) {
    MutexLock lock(mutex_);
    return text;
  }

  Mutex mutex_;
  std::string stdout_, stderr_, task_, attached_, log_;
  bool plain_ = false;
  std::string awaited_;
  std::function<void()> action_;
};

}  // namespace nopo
