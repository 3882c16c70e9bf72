// Carries bytes between a client and the task that has its terminal, or its standard streams, for a
// loop that polls.
#pragma once

#include <poll.h>

#include <array>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/log_demultiplexer.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"

namespace nopo {

// The task's side of a relay.
struct RelayedTask {
  // A terminal's master, or an engine's connection. Does not block.
  int fd = -1;
  // What goes over `fd` are a terminal's bytes: kStdout only, and Ctrl-D for the end of what is
  // typed. Else the engine's frames of both streams, and an end of the connection's one direction.
  bool on_terminal = true;
  OutputHandler printed;
  std::function<void(TerminalSize)> resize;  // Gets each new size.
};

// Reports what is printed as TaskOutput of `task`. `events` must outlive it.
OutputHandler ReportOutput(std::string task, EventSink& events);

// Used by one thread. Nothing is read from the task while the client has more than enough of its
// output, nothing is taken from the client while the task does not read.
class TerminalRelay {
 public:
  // What the loop waits for, and then what poll() said of it.
  using Polled = std::array<pollfd, 2>;

  // `client` must outlive this.
  TerminalRelay(RelayedTask task, ClientTerminal& client);
  TerminalRelay(const TerminalRelay&) = delete;
  TerminalRelay& operator=(const TerminalRelay&) = delete;

  Polled ToPoll() const;
  void Serve(const Polled& polled);
  // Takes what came from the task before its descriptor could be polled.
  void Feed(absl::string_view bytes);
  // The task's side is closed and all that it has printed is told.
  bool ended() const { return ended_; }
  // INTERNAL (ENGINE_FAILED) once the engine has sent something that is no output.
  const absl::Status& status() const { return status_; }
  // Nothing more is typed, whatever the client still has.
  void EndTyping();
  // Reads on whatever the client takes; what it has no room for is lost.
  void Drain() { draining_ = true; }
  // Reads on until the task's side is at its end. Survivors that hold it open are not waited for.
  void ReadRest();

 private:
  // How much there was to read now.
  size_t Read();
  void TakeNews();
  void Write();
  // Passes the end of what is typed on once all before it is taken.
  void PassEndOn();

  const RelayedTask task_;
  ClientTerminal& client_;
  const OutputHandler counted_;  // task_.printed, and what the client is being sent.
  LogDemultiplexer demultiplexer_;
  std::string typed_;   // Not taken by the task yet.
  std::string buffer_;  // For reading.
  absl::Status status_;
  bool typed_all_ = false;  // The client has typed what it had to.
  bool told_all_ = false;   // The task knows.
  bool draining_ = false;
  bool ended_ = false;
};

}  // namespace nopo
