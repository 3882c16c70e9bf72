// A stream of events whose client goes on to send what its user types, or what it reads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "daemon/events/client_terminal.h"
#include "daemon/rpc/admission.h"
#include "daemon/rpc/event_stream.h"
#include "daemon/rpc/handler_context.h"
#include "daemon/rpc/request_translation.h"

namespace nopo {

// `Request` has `typed` and `size` besides what the first one asks for; its stream's end is the end
// of what is typed, unless it has `typed_all` to say so. `Options` have a `terminal`.
template <typename Request, typename Response, typename Options>
class TerminalCall final
    : public EventStream<Response, grpc::ServerAsyncReaderWriter<Response, Request>> {
 public:
  using Responder = grpc::ServerAsyncReaderWriter<Response, Request>;

  // What all calls of a method have in common.
  struct Method {
    const HandlerContext& context;
    std::string name;
    // Asks gRPC for a call.
    std::function<void(grpc::ServerContext*, Responder*, void* tag)> accept;
    absl::StatusOr<Options> (*translation)(const Request& first);
    absl::Status (*operation)(const Workspace&, const Options&, EventSink&, const Cancellation&);
  };

  explicit TerminalCall(std::shared_ptr<const Method> method)
      : EventStream<Response, Responder>(method->context.pool, method->context.operations),
        method_(std::move(method)) {}

 protected:
  void AcceptNext(void* tag) override {
    method_->accept(&this->context(), &this->responder(), tag);
  }
  ServerCall* Successor() const override { return new TerminalCall(method_); }

  void Begin() override {
    if (absl::Status prepared = Prepare(); !prepared.ok()) {
      Refuse(std::move(prepared));
      return;
    }
    Read();
  }

  void OnCancel() override {
    if (terminal_ != nullptr) terminal_->HangUp();
    EventStream<Response, Responder>::OnCancel();
  }

  void OutputWritten(size_t bytes) override {
    if (terminal_ != nullptr) terminal_->Shown(bytes);
  }

 private:
  static constexpr bool kSaysItsEnd = requires(Request request) { request.typed_all(); };

  absl::Status Prepare() {
    NOPO_RETURN_IF_ERROR(Admit(this->context(), method_->context, method_->name));
    NOPO_ASSIGN_OR_RETURN(terminal_, ClientTerminal::Create());
    return absl::OkStatus();
  }

  void Read() { this->responder().Read(&request_, read_.Begin()); }

  void OnRead(bool ok) {
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
    terminal_->WhenWanted([this] { Read(); });
  }

  void BeginWork() {
    begun_ = true;
    absl::StatusOr<Options> options = method_->translation(request_);
    if (options.ok()) options->terminal = terminal_.get();
    this->RunTranslated(std::move(options), *method_);
  }

  // Ends the call without having begun.
  void Refuse(absl::Status status) {
    this->RunTranslated(absl::StatusOr<Options>(std::move(status)), *method_);
  }

  const std::shared_ptr<const Method> method_;
  std::unique_ptr<ClientTerminal> terminal_;  // Null in a refused call.
  Request request_;
  bool begun_ = false;  // Touched by reads, which come one at a time.
  typename ServerCall::Step read_{*this, [this](bool ok) { OnRead(ok); }};
};

}  // namespace nopo
