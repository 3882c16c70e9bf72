// An event stream whose client goes on to send what its user types, or what it reads.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/events/client_terminal.h"
#include "daemon/operations/workspace.h"
#include "daemon/rpc/event_stream.h"
#include "daemon/rpc/request_translation.h"

namespace nopo {

// Owns itself, as EventStream does. `Request` has `typed` and `size` besides what the first one
// asks for; its stream's end is the end of what is typed, unless it has `typed_all` to say so.
// `Options` have a `terminal`.
template <typename Request, typename Response, typename Options>
class TerminalStream final
    : public EventStream<Response, grpc::ServerBidiReactor<Request, Response>> {
 public:
  using Translation = absl::StatusOr<Options> (*)(const Request& first);
  using Work = absl::Status (*)(const Workspace&, const Options&, EventSink&, const Cancellation&);

  // Waits for the first message, unless the call is `refused`.
  TerminalStream(OperationPool& pool, OperationIndex& index, std::string name,
                 const absl::Status& refused, const Workspace& workspace, Translation translation,
                 Work work)
      : EventStream<Response, grpc::ServerBidiReactor<Request, Response>>(pool, index,
                                                                          std::move(name)),
        workspace_(workspace),
        translation_(translation),
        work_(work) {
    if (!refused.ok()) {
      Refuse(refused);
      return;
    }
    absl::StatusOr<std::unique_ptr<ClientTerminal>> terminal = ClientTerminal::Create();
    if (!terminal.ok()) {
      Refuse(terminal.status());
      return;
    }
    terminal_ = *std::move(terminal);
    this->StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      if (begun_ && !kSaysItsEnd) terminal_->EndTyping();
      if (!begun_) Refuse(absl::InvalidArgumentError("no request was sent"));
      return;
    }
    if (request_.has_size()) terminal_->Resize(TerminalSizeFromProto(request_.size()));
    if (!begun_) {
      BeginWork();
    } else {
      terminal_->Type(request_.typed());
      if constexpr (kSaysItsEnd) {
        if (request_.typed_all()) terminal_->EndTyping();
      }
    }
    terminal_->WhenWanted([this] { this->StartRead(&request_); });
  }

  void OnCancel() override {
    if (terminal_ != nullptr) terminal_->HangUp();
    EventStream<Response, grpc::ServerBidiReactor<Request, Response>>::OnCancel();
  }

 protected:
  void OutputWritten(size_t bytes) override {
    if (terminal_ != nullptr) terminal_->Shown(bytes);
  }

 private:
  static constexpr bool kSaysItsEnd = requires(Request request) { request.typed_all(); };

  void BeginWork() {
    begun_ = true;
    absl::StatusOr<Options> options = translation_(request_);
    EventWishes wishes = options.ok() ? options->caller.Wishes() : EventWishes();
    if (options.ok()) options->terminal = terminal_.get();
    this->Begin(std::move(wishes), [this, options = std::move(options)](
                                       EventSink& events, const Cancellation& cancellation) {
      if (!options.ok()) return options.status();
      return work_(workspace_, *options, events, cancellation);
    });
  }

  // Ends the call without having begun.
  void Refuse(absl::Status status) {
    this->Begin(EventWishes(),
                [status = std::move(status)](EventSink&, const Cancellation&) { return status; });
  }

  const Workspace& workspace_;
  const Translation translation_;
  const Work work_;
  std::unique_ptr<ClientTerminal> terminal_;  // Null in a refused call.
  Request request_;
  bool begun_ = false;  // Touched by reads, which come one at a time.
};

}  // namespace nopo
