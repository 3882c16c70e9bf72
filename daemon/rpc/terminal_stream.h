// RunOnTerminal: an event stream whose client goes on to send what its user types.
#pragma once

#include <memory>
#include <string>

#include "daemon/events/client_terminal.h"
#include "daemon/operations/run_command.h"
#include "daemon/rpc/event_stream.h"
#include "nopo/v1/commands.pb.h"

namespace nopo {

using TerminalReactor =
    grpc::ServerBidiReactor<v1::RunOnTerminalRequest, v1::RunOnTerminalResponse>;

// Owns itself, as EventStream does.
class TerminalStream final : public EventStream<v1::RunOnTerminalResponse, TerminalReactor> {
 public:
  // Waits for the first message, unless the call is `refused`.
  TerminalStream(OperationPool& pool, OperationIndex& index, std::string name,
                 const absl::Status& refused, const Workspace& workspace);

  void OnReadDone(bool ok) override;
  void OnCancel() override;

 protected:
  void OutputWritten(size_t bytes) override;

 private:
  void BeginRun();
  // Ends the call without having begun.
  void Refuse(absl::Status status);

  const Workspace& workspace_;
  std::unique_ptr<ClientTerminal> terminal_;  // Null in a refused call.
  v1::RunOnTerminalRequest request_;
  bool begun_ = false;  // Touched by reads, which come one at a time.
};

}  // namespace nopo
