// A streamed operation from its first event to the exit code.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/call.h"
#include "cli/progress/renderer.h"
#include "cli/signal_watcher.h"
#include "cli/subcommands/invocation.h"
#include "cli/user_terminal.h"
#include "common/cancellation.h"

namespace nopo {

namespace v1 {
class TerminalAttached;
}

struct OperationKind {
  std::string title;                 // "up"
  bool output_is_result = false;     // See RendererOptions.
  bool ends_by_interrupt = false;    // Ctrl-C is how it is meant to end: nothing to complain of.
  UserTerminal* terminal = nullptr;  // Lent to a task that asks for it.
};

// Shows the events of one operation, keeps its result, and listens for Ctrl-C meanwhile.
//
// Once a task has the terminal, or the standard streams, its output is all that is shown: no
// progress, no summary, and of its failure only the exit code, as if it had been started by the
// shell. Where events are shown, plain output stays among them.
class OperationDisplay {
 public:
  OperationDisplay(const Invocation& invocation, const OperationKind& kind);
  ~OperationDisplay();

  // Fires on Ctrl-C.
  const Cancellation& cancellation() const { return cancellation_; }
  void Show(const v1::Event& event);
  // Ends the display, prints the result and returns the exit code.
  int Finish(const absl::Status& outcome);

 private:
  SignalActions Actions();
  void Display(const v1::Event& event);
  void Attach(const v1::TerminalAttached& attached);
  void ShowTerminal(const v1::Event& event);

  const Invocation& invocation_;
  UserTerminal* const terminal_;
  const bool ends_by_interrupt_;
  BlockedSignals blocked_;  // Before the renderer's thread.
  Cancellation cancellation_;
  std::unique_ptr<Renderer> renderer_;
  SignalWatcher signals_;  // Calls the renderer and the terminal.
  std::string result_;
  std::string on_terminal_;  // The task that has or had the terminal.
  std::string held_;         // Lines that had to wait for its end.
};

// Shows the events of `stream` until it ends, calls `at_end` and returns how the call ended.
//
// gRPC does not tell a message that it cannot parse from the stream's end, and would then wait for
// the end behind messages that nobody reads. It empties the message first, so a mark that is gone
// gives it away; such a call is cut off and ends as a call does whose only answer cannot be parsed.
template <typename Response, typename Stream>
grpc::Status ShowEvents(
    Stream& stream, grpc::ClientContext& context, OperationDisplay& display,
    const std::function<void()>& at_end = [] {}) {
  constexpr int kMark = -1;  // No time has such nanoseconds.
  Response response;
  const auto read = [&] {
    response.mutable_event()->mutable_time()->set_nanos(kMark);
    return stream.Read(&response);
  };
  while (read()) display.Show(response.event());
  const bool ended = response.event().time().nanos() == kMark;
  if (!ended) context.TryCancel();
  at_end();
  const grpc::Status status = stream.Finish();
  return ended ? status : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
}

// Starts an operation and shows it. `start` makes the call:
// (channel, context) -> std::unique_ptr<grpc::ClientReader<Response>>.
template <typename Response, typename Start>
int RunOperation(const Invocation& invocation, const OperationKind& kind, const Start& start) {
  OperationDisplay display(invocation, kind);
  const absl::Status outcome = CallDaemon(
      invocation.daemon, display.cancellation(),
      [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context) {
        const std::unique_ptr<grpc::ClientReader<Response>> stream = start(channel, context);
        return ShowEvents<Response>(*stream, context, display);
      });
  return display.Finish(outcome);
}

}  // namespace nopo
