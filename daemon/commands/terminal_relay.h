// Carries bytes between a client's terminal and the terminal of its task, for a loop that polls.
#pragma once

#include <poll.h>

#include <array>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// Used by one thread. Output becomes TaskOutput of the task, unchanged; nothing is read while the
// client has more than enough of it, nothing is taken from the client while the task does not read.
class TerminalRelay {
 public:
  // What the loop waits for, and then what poll() said of it.
  using Polled = std::array<pollfd, 2>;

  // `fd` is the task's side: a terminal's master or an engine's connection; it does not block.
  // `resize` gets each new size. All must outlive this.
  TerminalRelay(std::string task, int fd, ClientTerminal& client, EventSink& events,
                std::function<void(TerminalSize)> resize);

  Polled ToPoll() const;
  void Serve(const Polled& polled);
  // The task's side is closed and all that it has printed is reported.
  bool ended() const { return ended_; }
  // Reads on until the task's side is at its end. Survivors that hold it open are not waited for.
  void ReadRest();

 private:
  // How much there was to read now.
  size_t Read();
  void TakeNews();
  void Write();

  const std::string task_;
  const int fd_;
  ClientTerminal& client_;
  EventSink& events_;
  const std::function<void(TerminalSize)> resize_;
  std::string typed_;   // Not taken by the task yet.
  std::string buffer_;  // For reading.
  bool ended_ = false;
};

}  // namespace nopo
