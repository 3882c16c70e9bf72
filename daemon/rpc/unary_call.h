// A call that is answered once, from the pool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/cancellation.h"
#include "daemon/rpc/handler_context.h"
#include "daemon/rpc/server_call.h"
#include "daemon/rpc/status_translation.h"

namespace nopo {

template <typename Request, typename Response>
class UnaryCall final : public ServerCall {
 public:
  using Answer = std::function<absl::Status(const grpc::ServerContext&, const Request&, Response&,
                                            const Cancellation&)>;

  // What all calls of a method have in common.
  struct Method {
    OperationPool& pool;
    // Asks gRPC for a call.
    std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                       void* tag)>
        accept;
    Answer answer;
  };

  explicit UnaryCall(std::shared_ptr<const Method> method)
      : method_(std::move(method)), cancellation_(method_->pool.stopping()) {}

 protected:
  void AcceptNext(void* tag) override { method_->accept(&context(), &request_, &responder_, tag); }
  ServerCall* Successor() const override { return new UnaryCall(method_); }
  void Begin() override {
    finished_tag_ = finished_.Begin();
    const absl::Status started = method_->pool.Start(
        [this] { Finish(method_->answer(context(), request_, response_, cancellation_)); });
    if (!started.ok()) Finish(started);
  }
  void OnCancel() override { cancellation_.Cancel(); }

 private:
  void Finish(const absl::Status& outcome) {
    if (outcome.ok()) {
      responder_.Finish(response_, grpc::Status::OK, finished_tag_);
    } else {
      responder_.FinishWithError(ToGrpcStatus(outcome), finished_tag_);
    }
  }

  const std::shared_ptr<const Method> method_;
  Cancellation cancellation_;
  grpc::ServerAsyncResponseWriter<Response> responder_{&context()};
  Request request_;
  Response response_;
  Step finished_{*this, [](bool) {}};
  void* finished_tag_ = nullptr;  // Begun with the answer, so that the call outlives it.
};

}  // namespace nopo
