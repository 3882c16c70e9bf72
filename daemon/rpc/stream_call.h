// A call that is answered by the events of an operation.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "daemon/rpc/admission.h"
#include "daemon/rpc/event_stream.h"
#include "daemon/rpc/handler_context.h"

namespace nopo {

template <typename Request, typename Response, typename Options>
class StreamCall final : public EventStream<Response> {
 public:
  // What all calls of a method have in common.
  struct Method {
    const HandlerContext& context;
    std::string name;
    // Asks gRPC for a call.
    std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncWriter<Response>*,
                       void* tag)>
        accept;
    absl::StatusOr<Options> (*translation)(const Request&);
    absl::Status (*operation)(const Workspace&, const Options&, EventSink&, const Cancellation&);
  };

  explicit StreamCall(std::shared_ptr<const Method> method)
      : EventStream<Response>(method->context.pool, method->context.operations),
        method_(std::move(method)) {}

 protected:
  void AcceptNext(void* tag) override {
    method_->accept(&this->context(), &request_, &this->responder(), tag);
  }
  ServerCall* Successor() const override { return new StreamCall(method_); }
  void Begin() override { this->RunTranslated(Translate(), *method_); }

 private:
  absl::StatusOr<Options> Translate() {
    NOPO_RETURN_IF_ERROR(Admit(this->context(), method_->context, method_->name));
    return method_->translation(request_);
  }

  const std::shared_ptr<const Method> method_;
  Request request_;
};

}  // namespace nopo
