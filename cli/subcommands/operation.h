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
#include "common/cancellation.h"

namespace nopo {

struct OperationKind {
  std::string title;              // "up"
  bool output_is_result = false;  // See RendererOptions.
};

// Shows the events of one operation, keeps its result, and listens for Ctrl-C meanwhile.
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
  const Invocation& invocation_;
  BlockedSignals blocked_;  // Before the renderer's thread.
  Cancellation cancellation_;
  std::unique_ptr<Renderer> renderer_;
  SignalWatcher signals_;  // Calls the renderer.
  std::string result_;
};

// Starts an operation and shows it. `start` makes the call:
// (channel, context) -> std::unique_ptr<grpc::ClientReader<Response>>.
template <typename Response, typename Start>
int RunOperation(const Invocation& invocation, const OperationKind& kind, const Start& start) {
  OperationDisplay display(invocation, kind);
  const absl::Status outcome = CallDaemon(
      invocation.daemon, display.cancellation(),
      [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context) {
        const std::unique_ptr<grpc::ClientReader<Response>> stream = start(channel, context);
        for (Response response; stream->Read(&response);) display.Show(response.event());
        return stream->Finish();
      });
  return display.Finish(outcome);
}

}  // namespace nopo
